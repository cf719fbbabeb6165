import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { program } from '../multus/program.js'
import { randomFrom } from '../simulation/random.js'
import { describe, type It } from '../suite.js'
import type { Tools } from './inject.js'
import { pairsOf, programPoints } from './plan.js'
import { nameOf, pointOf } from './point.js'
import { type Outcome, play } from './scenario.js'
import { findTools } from './tools.js'

const tools = findTools()

// Dozens of runs under strace.
const limitMilliseconds = 900_000

const withTools = (it: It, title: string, body: (tools: Tools) => Promise<void>): void =>
  tools.ok ? it(title, () => body(tools.value), limitMilliseconds) : it.skip(title, tools.reason)

/** How many points of the many that there are: `make crash` plays all of them. */
const sampleSize = 20

describe('multus, killed or failed at a system call (promises 2 and 5 of the engine)', (it) => {
  withTools(it, `leaves nothing after DEL, at ${sampleSize} of its calls`, async (found) => {
    const own = { ...found, files: { ...found.files, multus: program() } }
    const random = randomFrom(20)
    const single = await programPoints(['multus'], own)
    const points = [...single, ...pairsOf(single, single.length / 4, random.below)]
    const queue = Array.from({ length: sampleSize }, () => random.pick(points))
    const findings: Outcome[] = []
    const work = async (): Promise<void> => {
      for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
        const outcome = await play(point, own)
        if (outcome.kind === 'finding') findings.push(outcome)
      }
    }
    await Promise.all([work(), work()])
    const words = findings.map(({ point, lines }) => [nameOf(point), ...lines].join('\n  '))
    assert.equal(words, [])
  })
})

/** Plays a point with a program of the test's own in multus' place. */
const playWith = async (found: Tools, text: string, name: string): Promise<Outcome> => {
  const folder = mkdtempSync(join(tmpdir(), 'metacni-crash-'))
  const file = join(folder, 'program.cjs')
  writeFileSync(file, `const fs = require('node:fs')\n${text}\n`)
  try {
    const point = pointOf(name)
    if (point === undefined) throw new Error(`${name} is no point`)
    return await play(point, { ...found, files: { ...found.files, multus: file } })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const make = `if (process.env.CNI_COMMAND === 'ADD') {
  fs.writeFileSync('/run/lease', 'c1')
  fs.mkdirSync('/run/later')
}`
const remove = `else for (const one of ['lease', 'later'])
  fs.rmSync('/run/' + one, { recursive: true, force: true })`

describe('a point of make crash', (it) => {
  withTools(it, 'is a finding when a DEL leaves something', async (found) => {
    const { kind, lines } = await playWith(found, make, 'multus/add/kill/main/mkdir/1/wait')
    assert.is(kind, 'finding')
    assert.equal(lines.slice(0, 2), ['left after the DEL:', '  /run/lease'])
  })

  withTools(it, 'is a finding when a DEL fails', async (found) => {
    const failing = `${make}\nelse { console.log('no'); process.exit(1) }`
    const { kind, lines } = await playWith(found, failing, 'multus/add/kill/main/mkdir/1/wait')
    assert.is(kind, 'finding')
    assert.equal(lines.slice(0, 3), ['DEL after the crash failed', '  exit 1', '  no'])
  })

  withTools(it, 'is a finding when an ADD fails and keeps what it made', async (found) => {
    const name = 'multus/add/EIO/main/mkdir/1/wait'
    const { kind, lines } = await playWith(found, `${make} ${remove}`, name)
    assert.is(kind, 'finding')
    assert.is(lines[0], 'ADD failed and left: /run/lease')
  })

  withTools(it, 'is clean when all goes, and missed when it was never reached', async (found) => {
    const kindAt = async (nth: number) =>
      (await playWith(found, `${make} ${remove}`, `multus/add/kill/main/mkdir/${nth}/wait`)).kind
    assert.equal([await kindAt(1), await kindAt(9)], ['clean', 'missed'])
  })
})
