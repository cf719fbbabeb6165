import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { readRecordings, replay } from '../../lib/index.js'
import { describe } from '../suite.js'
import { onNode } from './node.js'

describe('multus with METACNI_RECORD_DIR', (it) => {
  onNode(
    it,
    'writes each operation into a file of its own, which replays the same',
    async (node) => {
      node.install('bridge', 'tuning')
      node.network('a', ['bridge', { type: 'tuning', password: 'correct-horse-battery' }])
      const directory = join(node.directory, 'recordings')
      mkdirSync(directory)
      const changes = { config: { defaultDelegates: 'a' }, env: { METACNI_RECORD_DIR: directory } }
      for (const verb of ['ADD', 'CHECK', 'DEL']) await node.succeed(verb, changes)
      const names = readdirSync(directory).sort()
      const verbs: string[] = []
      for (const name of names) {
        const file = join(directory, name)
        assert.is(statSync(file).mode & 0o777, 0o600)
        const text = readFileSync(file, 'utf8')
        assert.not.match(text, 'correct-horse-battery')
        const { recordings, problems } = readRecordings({ source: name, text })
        assert.equal(problems, [])
        const [recording, ...more] = recordings
        if (recording === undefined) throw new Error(`${name} is empty`)
        assert.equal(more, [])
        assert.match(recording.by ?? '', /^multus \d/)
        assert.equal(await replay(recording), {
          differences: [],
          steps: recording.steps.length,
          isCut: false,
        })
        verbs.push(recording.command.verb)
      }
      assert.equal(verbs, ['ADD', 'CHECK', 'DEL'])
    },
  )

  onNode(
    it,
    'attaches a pod all the same when the directory is missing, and logs why',
    async (node) => {
      node.install('bridge')
      node.network('a', ['bridge'])
      const env = { METACNI_RECORD_DIR: join(node.directory, 'missing') }
      const { code, stderr } = await node.run('ADD', { config: { defaultDelegates: 'a' }, env })
      assert.is(code, 0)
      assert.match(stderr, 'nothing is recorded')
      assert.match(stderr, 'ENOENT')
    },
  )
})
