import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe, type It } from '../suite.js'
import { type Node, onNode as onBareNode, writeProgram } from './node.js'

// A plugin that is quick to start. What it makes is a directory: making it twice fails, and so does a DEL beside an ADD.
const plugin = `#!/bin/sh
link="$RECORDS/held/$CNI_CONTAINERID.$CNI_IFNAME"
mkdir "$RECORDS/busy/$CNI_CONTAINERID" || { echo '{"code":100,"msg":"two at once"}'; exit 1; }
status=0
case $CNI_COMMAND in
  ADD) mkdir "$link" && echo '{"cniVersion":"1.0.0"}' || status=1 ;;
  DEL) rmdir "$link" 2>/dev/null ;;
esac
rmdir "$RECORDS/busy/$CNI_CONTAINERID"
exit $status
`

const config = { defaultDelegates: 'a,b' }
const count = 50

const onNode = (it: It, title: string, body: (node: Node) => Promise<void>): void =>
  onBareNode(
    it,
    title,
    async (node) => {
      for (const folder of ['held', 'busy']) mkdirSync(join(node.records, folder))
      writeProgram(join(node.bin, 'quick'), plugin)
      node.network('a', ['quick'])
      node.network('b', ['quick'])
      await body(node)
    },
    900_000,
  )

const assertNothingLeft = (node: Node): void => {
  assert.equal(readdirSync(join(node.records, 'held')), [])
  assert.equal(readdirSync(join(node.records, 'busy')), [])
  assert.equal(node.stateFiles(), ['.metacni/'])
}

describe('one hundred processes of multus at once (promise 6, S-068, S-070)', (it) => {
  onNode(
    it,
    'ADD and DEL of fifty containers: each is whole or gone, and GC ends them',
    async (node) => {
      const ids = Array.from({ length: count }, (_, index) => `c${index}`)
      const started = ids.flatMap((containerId) =>
        ['ADD', 'DEL'].map((verb) => node.run(verb, { config, containerId })),
      )
      for (const { code, stdout, stderr } of await Promise.all(started)) {
        assert.is(code, 0, `${stdout}${stderr}`)
      }
      const held = readdirSync(join(node.records, 'held'))
      for (const id of ids) {
        const own = held.filter((name) => name.startsWith(`${id}.`))
        assert.ok(own.length === 0 || own.length === 2, own.join(' '))
      }
      const list = { cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] }
      await node.succeed('GC', { config: list, containerId: '', ifname: '', netns: '' })
      assertNothingLeft(node)
    },
  )

  onNode(it, 'of one container: one after the other, and nothing is left', async (node) => {
    const started = Array.from({ length: 2 * count }, (_, index) =>
      node.run(index % 2 === 0 ? 'ADD' : 'DEL', { config }),
    )
    let added = 0
    for (const { code, stdout } of await Promise.all(started)) {
      if (code === 0) added++
      else assert.match(stdout, 'has an attachment for CNI_IFNAME eth0 already')
    }
    assert.ok(added > count)
    await node.run('DEL', { config })
    assertNothingLeft(node)
  })
})
