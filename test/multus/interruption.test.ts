import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe, type It } from '../suite.js'
import { failureOf, type Node, onNode as onBareNode, type RequestChanges } from './node.js'

// Who waits for a plugin that outlived multus looks through the machine's processes.
const containerId = `c${process.pid}`
const config = { defaultDelegates: 'a,b,c' }
const plugins = ['one', 'two', 'three', 'four']

/** What a plugin has made and not taken away again: `one.c4711.eth0`. */
const held = (node: Node): readonly string[] => readdirSync(join(node.records, 'held')).sort()

const onNode = (it: It, title: string, body: (node: Node) => unknown): void =>
  onBareNode(it, title, (node) => {
    mkdirSync(join(node.records, 'held'))
    node.install(...plugins)
    node.network('a', ['one', 'two'])
    node.network('b', ['three'])
    node.network('c', ['four'])
    for (const type of plugins) {
      node.script(`${type}.ADD`, make)
      node.script(`${type}.DEL`, unmake)
    }
    const own = (changes?: RequestChanges): RequestChanges => ({ containerId, ...changes })
    return body({
      ...node,
      start: (verb, changes) => node.start(verb, own(changes)),
      run: (verb, changes) => node.run(verb, own(changes)),
      succeed: (verb, changes) => node.succeed(verb, own(changes)),
      fail: (verb, changes) => node.fail(verb, own(changes)),
    })
  })

const place = '"$RECORDS/held/$type.$CNI_CONTAINERID.$CNI_IFNAME"'
const make = `mkdir ${place} || exit 1`
const unmake = `rmdir ${place} 2>/dev/null`
/** The plugin is started by multus itself: its parent is what dies. */
const killed = 'kill -9 $PPID; exit 0'
const all = ['four eth2', 'one eth0', 'three eth1', 'two eth0'].map((name) =>
  name.replace(' ', `.${containerId}.`),
)
const clean = ['.metacni/']

describe('kill -9 of multus, then DEL (promise 5 of the engine)', (it) => {
  for (const [index, type] of plugins.entries()) {
    for (const when of ['before', 'after'] as const) {
      onNode(
        it,
        `while plugin ${index + 1} of 4 adds, ${when} it did: nothing is left`,
        async (node) => {
          node.script(`${type}.ADD`, when === 'before' ? killed : `${make}\n${killed}`)
          assert.is((await node.run('ADD', { config })).signal, 'SIGKILL')
          assert.is(held(node).length, index + (when === 'after' ? 1 : 0))
          await node.succeed('DEL', { config })
          assert.equal([held(node), node.stateFiles()], [[], clean])
        },
      )
    }

    onNode(
      it,
      `while plugin ${index + 1} of 4 deletes: the next DEL deletes the rest`,
      async (node) => {
        await node.succeed('ADD', { config })
        assert.equal(held(node), all)
        node.script(`${type}.DEL`, `${unmake}\n${killed}`)
        assert.is((await node.run('DEL', { config })).signal, 'SIGKILL')
        node.script(`${type}.DEL`, unmake)
        await node.succeed('DEL', { config })
        assert.equal([held(node), node.stateFiles()], [[], clean])
      },
    )

    onNode(
      it,
      `while plugin ${index + 1} of 4 adds, then ADD again: undone first, then added`,
      async (node) => {
        node.script(`${type}.ADD`, `${make}\n${killed}`)
        await node.run('ADD', { config })
        node.script(`${type}.ADD`, make)
        // `make` fails where something of the first attempt is left.
        await node.succeed('ADD', { config })
        assert.equal(held(node), all)
        await node.succeed('CHECK', { config })
        await node.succeed('DEL', { config })
        assert.equal([held(node), node.stateFiles()], [[], clean])
      },
    )
  }

  onNode(
    it,
    'while a plugin adds, which goes on: DEL waits for its end, and nothing is left',
    async (node) => {
      node.script('three.ADD', `kill -9 $PPID\nsleep 1\n${make}`)
      assert.is((await node.run('ADD', { config })).signal, 'SIGKILL')
      await node.succeed('DEL', { config })
      await new Promise((resolve) => setTimeout(resolve, 1200))
      assert.equal([held(node), node.stateFiles()], [[], clean])
    },
  )

  onNode(
    it,
    'while a plugin adds, which never ends: DEL ends it at the time limit, and the next DEL undoes it',
    async (node) => {
      node.script('three.ADD', `${make}\nkill -9 $PPID\nsleep 600`)
      assert.is((await node.run('ADD', { config })).signal, 'SIGKILL')
      // It is the limit of the others, too, which take a moment to start.
      const limited = { config: { ...config, timeout: 5 } }
      const { msg } = await node.fail('DEL', limited)
      assert.match(msg, 'plugin "three" (DEL) took longer than 5000 ms')
      assert.equal(held(node), [`three.${containerId}.eth1`])
      await node.succeed('DEL', { config })
      assert.equal([held(node), node.stateFiles()], [[], clean])
    },
  )

  onNode(it, 'a CHECK of what is not complete fails with code 3', async (node) => {
    node.script('four.ADD', killed)
    await node.run('ADD', { config })
    assert.is((await node.fail('CHECK', { config })).code, 3)
  })
})

describe('a signal to multus', (it) => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    onNode(
      it,
      `${signal} during ADD: the plugin is stopped, everything is undone, code 11`,
      async (node) => {
        const [began, gate] = [node.pipe('began'), node.pipe('gate')]
        node.script('three.ADD', `${make}\necho > '${began.path}'\ncat '${gate.path}'`)
        const { child, ended } = node.start('ADD', { config })
        await began.told()
        child.kill(signal)
        const { code, msg } = failureOf(await ended)
        assert.equal([code, msg], [11, 'interrupted before it was done'])
        assert.equal([held(node), node.stateFiles()], [[], clean])
        assert.equal(node.words().slice(3), ['DEL three eth1', 'DEL two eth0', 'DEL one eth0'])
      },
    )
  }

  onNode(it, 'a second SIGTERM does not stop the undoing', async (node) => {
    const [began, undoing, gate] = [node.pipe('began'), node.pipe('undoing'), node.pipe('gate')]
    node.script('three.ADD', `${make}\necho > '${began.path}'\ncat '${gate.path}'`)
    node.script('three.DEL', `echo > '${undoing.path}'\ncat '${gate.path}'\n${unmake}`)
    const { child, ended } = node.start('ADD', { config })
    await began.told()
    child.kill('SIGTERM')
    await undoing.told()
    child.kill('SIGTERM')
    await gate.tell()
    assert.is(failureOf(await ended).code, 11)
    assert.equal([held(node), node.stateFiles()], [[], clean])
  })

  onNode(it, 'SIGTERM during DEL stops it; the next DEL does the rest', async (node) => {
    await node.succeed('ADD', { config })
    const [began, gate] = [node.pipe('began'), node.pipe('gate')]
    node.script('three.DEL', `echo > '${began.path}'\ncat '${gate.path}'\n${unmake}`)
    const { child, ended } = node.start('DEL', { config })
    await began.told()
    child.kill('SIGTERM')
    assert.is(failureOf(await ended).code, 11)
    node.script('three.DEL', unmake)
    await node.succeed('DEL', { config })
    assert.equal([held(node), node.stateFiles()], [[], clean])
  })

  onNode(it, 'SIGTERM ends an ADD that waits for another one of its container', async (node) => {
    const [began, gate] = [node.pipe('began'), node.pipe('gate')]
    node.script('one.ADD', `${make}\necho > '${began.path}'\ncat '${gate.path}' >&2`)
    const first = node.start('ADD', { config })
    await began.told()
    const second = node.start('ADD', { config })
    second.child.kill('SIGTERM')
    const { code, signal } = await second.ended
    assert.ok(code === 1 || signal === 'SIGTERM')
    await gate.tell()
    assert.is((await first.ended).code, 0)
    assert.equal(held(node), all)
  })
})

describe('several requests at once (promise 6, S-068, S-070)', (it) => {
  onNode(it, 'two ADDs of one container: one wins, the other is refused', async (node) => {
    const [began, gate] = [node.pipe('began'), node.pipe('gate')]
    node.script('one.ADD', `${make}\necho > '${began.path}'\ncat '${gate.path}' >&2`)
    const first = node.start('ADD', { config })
    await began.told()
    const second = node.start('ADD', { config })
    await gate.tell()
    assert.is((await first.ended).code, 0)
    const { code, msg } = failureOf(await second.ended)
    assert.is(code, 4)
    const words = 'has an attachment for CNI_IFNAME eth0 already; DEL it first'
    assert.is(msg, `CNI_CONTAINERID ${containerId} ${words}`)
    assert.equal([held(node), node.calls().length], [all, 4])
  })

  onNode(it, 'ten ADDs of one container, started together: exactly one wins', async (node) => {
    const started = Array.from({ length: 10 }, () => node.start('ADD', { config }).ended)
    const codes = (await Promise.all(started)).map(({ code }) => code)
    assert.equal(codes.sort(), [0, ...Array(9).fill(1)])
    assert.equal([held(node), node.calls().length], [all, 4])
  })

  onNode(it, 'an ADD and a DEL of one container: what is left is all or nothing', async (node) => {
    for (let round = 0; round < 5; round++) {
      const add = node.start('ADD', { config }).ended
      const del = node.start('DEL', { config }).ended
      assert.equal([(await add).code, (await del).code], [0, 0])
      assert.ok([0, all.length].includes(held(node).length))
      await node.succeed('DEL', { config })
      assert.equal(held(node), [])
    }
  })

  onNode(it, '20 different containers: all are added, checked and deleted', async (node) => {
    const ids = Array.from({ length: 20 }, (_, index) => `c${index}`)
    const together = (verb: string) =>
      Promise.all(ids.map((containerId) => node.succeed(verb, { config, containerId })))
    await together('ADD')
    assert.is(held(node).length, 80)
    await together('CHECK')
    await together('DEL')
    assert.equal([held(node), node.stateFiles()], [[], clean])
    assert.is(node.calls().length, 240)
  })
})
