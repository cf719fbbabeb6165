import * as assert from 'uvu/assert'
import { type Answer, type Invocation, noAnswer, type Verb } from '../../lib/cni/invocation.js'
import type { JsonObject } from '../../lib/cni/json.js'
import type { Runner } from '../../lib/ports/index.js'
import { createMemoryNode } from '../../runners/memory/index.js'
import { routeRunner } from '../../runners/wrap/index.js'
import { describe } from '../suite.js'

const invocationOf = (verb: Verb, stdin: JsonObject, ifname = 'eth0'): Invocation => ({
  type: String(stdin.type),
  verb,
  stdin: { cniVersion: '1.0.0', name: 'net', ...stdin },
  env: {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: '/run/netns/c1',
    CNI_IFNAME: ifname,
    CNI_ARGS: '',
    CNI_PATH: '',
  },
  path: [],
})
const never = new AbortController().signal
const saying = (stdout: string): Runner => ({ run: async () => ({ kind: 'success', stdout }) })
const runner = routeRunner({ native: saying('native'), otherwise: saying('otherwise') })
const who = async (verb: Verb, stdin: JsonObject, ifname?: string): Promise<string> => {
  const answer = await runner.run(invocationOf(verb, stdin, ifname), never)
  return answer.kind === 'success' ? answer.stdout : answer.kind
}

describe('routeRunner', (it) => {
  it('hands a call to the native runner where everything is understood, else to the other', async () => {
    for (const verb of ['ADD', 'CHECK', 'DEL', 'GC', 'STATUS'] as const) {
      assert.is(await who(verb, { type: 'bridge' }), 'native', verb)
      assert.is(await who(verb, { type: 'bridge', vlan: 5 }), 'otherwise', verb)
      assert.is(await who(verb, { type: 'portmap' }), 'otherwise', verb)
    }
    assert.is(await who('ADD', { type: 'bridge' }, 'eth$0'), 'otherwise')
  })

  it('asks the native runner for the versions of a native type', async () => {
    assert.is(await who('VERSION', { type: 'bridge', vlan: 5 }), 'native')
    assert.is(await who('VERSION', { type: 'flannel' }), 'otherwise')
  })

  it('goes by the type that is called, whatever stdin says', async () => {
    const call = { ...invocationOf('ADD', { type: 'bridge' }), type: 'flannel' }
    assert.equal(await runner.run(call, never), { kind: 'success', stdout: 'otherwise' })
  })

  it('chooses as it is told, and hands the signal on', async () => {
    const seen: AbortSignal[] = []
    const otherwise: Runner = {
      run: async (_, signal) => {
        seen.push(signal)
        return { kind: 'success', stdout: '' }
      },
    }
    const choose = () => ({ engine: 'exec', because: ['so'] }) as const
    await routeRunner({ native: saying('no'), otherwise, choose }).run(
      invocationOf('ADD', { type: 'bridge' }),
      never,
    )
    assert.is(seen[0], never)
  })

  it('says why a binary that is not there was needed', async () => {
    const missing: Answer = noAnswer('not-found', 'failed to find plugin "bridge"', false)
    const told = async (answer: Answer) =>
      routeRunner({ native: saying(''), otherwise: { run: async () => answer } }).run(
        invocationOf('ADD', { type: 'bridge', vlan: 5 }),
        never,
      )
    const message = 'failed to find plugin "bridge"; it is needed because "vlan" is 5'
    assert.equal(await told(missing), noAnswer('not-found', message, false))
    const other = noAnswer('timeout', 'late', true)
    assert.is(await told(other), other)
  })

  it('lets the plugins of one list go different ways, on one node', async () => {
    const node = createMemoryNode()
    const ways: string[] = []
    const by = (name: string): Runner => ({
      run: (invocation, signal) => {
        ways.push(`${invocation.type} ${name}`)
        return node.runner.run(invocation, signal)
      },
    })
    const both = routeRunner({ native: by('native'), otherwise: by('otherwise') })
    node.addNamespace('/run/netns/c1')
    const add = await both.run(
      invocationOf('ADD', { type: 'bridge', vlan: 0, macspoofchk: true }),
      never,
    )
    const prevResult = JSON.parse(add.kind === 'success' ? add.stdout : '')
    const tuned = await both.run(
      invocationOf('ADD', { type: 'tuning', mtu: 1400, prevResult }),
      never,
    )
    assert.is(tuned.kind, 'success')
    assert.is(
      (await both.run(invocationOf('DEL', { type: 'bridge', prevResult }), never)).kind,
      'success',
    )
    assert.equal(ways, ['bridge otherwise', 'tuning native', 'bridge native'])
  })
})
