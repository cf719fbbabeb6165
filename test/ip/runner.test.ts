import * as assert from 'uvu/assert'
import type { Invocation, Verb } from '../../lib/cni/invocation.js'
import type { JsonObject } from '../../lib/cni/json.js'
import { createIpRunner } from '../../runners/ip/index.js'
import { describe } from '../suite.js'

const call = (verb: Verb, stdin: JsonObject, env: Partial<Invocation['env']> = {}) =>
  // No program can be found: whatever is refused is refused before anything runs.
  createIpRunner({ env: { PATH: '/nowhere' } }).run(
    {
      type: String(stdin.type),
      verb,
      stdin: { cniVersion: '1.0.0', name: 'net', ...stdin },
      env: {
        CNI_COMMAND: verb,
        CNI_CONTAINERID: 'c1',
        CNI_NETNS: '/nowhere/net',
        CNI_IFNAME: 'eth0',
        CNI_ARGS: '',
        CNI_PATH: '',
        ...env,
      },
      path: [],
    },
    new AbortController().signal,
  )
const wordsOf = async (...given: Parameters<typeof call>): Promise<string> => {
  const answer = await call(...given)
  if (answer.kind === 'success') return answer.stdout
  return answer.kind === 'refused' ? `${answer.error.code} ${answer.error.msg}` : answer.reason.kind
}

describe('the ip runner refuses before anything runs (reference/cni.md 1.1, 1.2)', (it) => {
  it('names of networks that could end a rule or a path, in the words of the binaries', async () => {
    for (const name of ['a\n-A INPUT -j ACCEPT', 'a b', '../x', 'a"b']) {
      for (const verb of ['ADD', 'CHECK', 'DEL'] as const) {
        const words = await wordsOf(verb, { type: 'bridge', ipMasq: true, name })
        assert.is(words, '7 invalid characters found in network name')
      }
    }
    assert.is(await wordsOf('ADD', { type: 'bridge', name: '' }), '7 missing network name')
    assert.is(await wordsOf('ADD', { type: 'bridge', name: 7 }), '7 missing network name')
  })

  it('container ids, interfaces and namespaces that are none', async () => {
    const config = { type: 'bridge' }
    assert.match(await wordsOf('ADD', config, { CNI_CONTAINERID: '../x' }), /^4 .*CNI_CONTAINERID/)
    assert.match(
      await wordsOf('ADD', config, { CNI_IFNAME: 'a234567890123456' }),
      /^4 .*CNI_IFNAME/,
    )
    assert.match(await wordsOf('ADD', config, { CNI_NETNS: '' }), /^4 .*CNI_NETNS/)
    assert.match(await wordsOf('ADD', config), /^999 failed to open netns "\/nowhere\/net"/)
  })

  it('types that it does not have, and answers VERSION', async () => {
    assert.is(await wordsOf('ADD', { type: 'flannel' }), 'not-found')
    assert.match(await wordsOf('VERSION', { type: 'bridge' }), /"supportedVersions":/)
  })

  it('nothing on DEL of what is gone, as the binaries', async () => {
    assert.is(await wordsOf('DEL', { type: 'loopback' }), '')
    assert.is(await wordsOf('DEL', { type: 'bridge' }, { CNI_NETNS: '' }), '')
  })
})

describe('the ip runner by itself', (it) => {
  it('refuses what it would pass over in silence, with every reason (code 2)', async () => {
    const config = { type: 'bridge', vlan: 5, macspoofchk: true, bogus: 1 }
    const answer = await call('ADD', config, { CNI_NETNS: '/proc/self/ns/net' })
    assert.ok(answer.kind === 'refused')
    assert.is(answer.error.code, 2)
    for (const reason of ['vlan', 'macspoofchk', 'bogus']) assert.match(answer.error.msg, reason)
  })

  it('refuses a namespace whose path two programs would read in two ways (code 4)', async () => {
    const answer = await call('ADD', { type: 'bridge' }, { CNI_NETNS: 'relative' })
    assert.ok(answer.kind === 'refused' && answer.error.code === 4)
  })

  it('tells of a program that cannot be started, and hangs nowhere', async () => {
    const answer = await call('ADD', { type: 'bridge' }, { CNI_NETNS: '/proc/self/ns/net' })
    assert.ok(answer.kind === 'refused')
    assert.match(answer.error.msg, /ENOENT|sh/)
  })
})
