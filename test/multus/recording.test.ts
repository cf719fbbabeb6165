import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { readRecordings, replay } from '../../lib/index.js'
import { describe } from '../suite.js'
import { hold, noNamespaces } from './namespaces.js'
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

describe('multus with METACNI_RECORD_DIR on a disk that fills up', (it) => {
  const title =
    'attaches and deletes a pod all the same, and logs once for each that the recording ends'
  if (noNamespaces !== undefined) return it.skip(title, noNamespaces)
  onNode(it, title, async (node) => {
    node.install('bridge', 'tuning')
    // More than the disk takes, in the first line already or in a later one.
    for (const [name, length] of [
      ['large', 80_000],
      ['small', 30_000],
    ] as const)
      node.network(name, ['bridge', { type: 'tuning', note: 'x'.repeat(length) }])
    const directory = join(node.directory, 'recordings')
    const logFile = join(node.directory, 'multus.log')
    mkdirSync(directory)
    const disk = await hold(['mount'], `mount -t tmpfs -o size=64k none ${directory}`)
    try {
      for (const network of ['large', 'small']) {
        const config = { defaultDelegates: network, logFile }
        const changes = { config, env: { METACNI_RECORD_DIR: directory }, prefix: disk.enter }
        for (const verb of ['ADD', 'CHECK', 'DEL']) {
          disk.run('find', directory, '-type', 'f', '-delete')
          const { code, stdout, stderr } = await node.run(verb, {
            ...changes,
            containerId: network,
          })
          assert.is(code, 0, stdout)
          const said = stderr.match(/ error the recording ends early .*ENOSPC.*/g) ?? []
          // Whether the small one fits after its ADD is not the point.
          const isSure = network === 'large' || verb === 'ADD'
          assert.ok(said.length === 1 || (said.length === 0 && !isSure), `${verb}: ${stderr}`)
          const [line = ''] = said
          if (line !== '') assert.match(line, ` file=${directory}/`)
          assert.ok(readFileSync(logFile, 'utf8').includes(line))
        }
      }
    } finally {
      disk.release()
    }
  })
})
