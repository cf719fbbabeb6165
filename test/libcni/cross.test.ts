import * as assert from 'uvu/assert'
import { findTools } from '../crash/tools.js'
import { describe } from '../suite.js'
import { crossFaults } from './cross.js'
import { buildOracle } from './oracle.js'

const oracle = buildOracle()
const tools = findTools()

describe('metacni net in the place of cnitool, over libcni (reference/cni.md 2.3, 2.8)', (it) => {
  const title = 'checks and deletes what the other added, and leaves the same'
  if (!oracle.ok) it.skip(title, oracle.reason)
  else if (!tools.ok) it.skip(title, tools.reason)
  else {
    const { plugins, files } = tools.value
    const pair = { libcni: [oracle.program, 'tool'], metacni: [files.metacni, 'net'] }
    it(title, async () => assert.equal(await crossFaults(plugins, pair), []))
  }
})
