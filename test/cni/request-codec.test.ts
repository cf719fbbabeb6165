import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { reportFailures } from '../../lib/cni/codec.js'
import {
  NetworkConfigurationList,
  RequestConfiguration,
  RequestEnvironment,
} from '../../lib/cni/request-codec.js'
import { describe } from '../suite.js'

const variables = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/run/netns/c1',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'K=V',
  CNI_PATH: '/opt/cni/bin:/usr/lib/cni',
  CNI_NETNS_OVERRIDE: '1',
}
describe('the codecs of a request (reference/cni.md 1.1 to 1.3)', (it) => {
  it('decode an environment, and encode it again with every variable set (SPEC "Parameters")', () => {
    const decoded = RequestEnvironment.decode({ ...variables, PATH: '/bin' })
    assert.ok(E.isRight(decoded))
    if (E.isLeft(decoded)) return
    assert.ok(RequestEnvironment.is(decoded.right))
    assert.equal(RequestEnvironment.encode(decoded.right), variables)
    const gc = RequestEnvironment.decode({ CNI_COMMAND: 'GC', CNI_PATH: '/p' })
    assert.equal(
      E.map(RequestEnvironment.encode)(gc),
      E.right({
        CNI_COMMAND: 'GC',
        CNI_CONTAINERID: '',
        CNI_NETNS: '',
        CNI_IFNAME: '',
        CNI_ARGS: '',
        CNI_PATH: '/p',
        CNI_NETNS_OVERRIDE: '',
      }),
    )
  })

  it('refuse what is no request in the words that a runtime would read', () => {
    for (const [env, said] of [
      [{}, '4: required env variables [CNI_COMMAND] missing'],
      [{ ...variables, CNI_IFNAME: '.' }, '4: interface name is . or .. (CNI_IFNAME is ".")'],
      [{ ...variables, CNI_ARGS: 7 }, 'an environment is an object of texts'],
      [null, 'an environment is an object of texts'],
    ] as const) {
      const failed = reportFailures(RequestEnvironment.decode(env), 'bad-json', 'env')
      assert.equal(
        failed.map(({ message }) => message),
        [said],
      )
    }
    assert.not.ok(RequestEnvironment.is(variables))
    assert.not.ok(RequestEnvironment.is({ verb: 'ADD' }))
  })

  it('decode the text of stdin, and encode it to the same text', () => {
    const text = '{"name":"a", "x":1}'
    const decoded = RequestConfiguration.decode(text)
    assert.ok(E.isRight(decoded))
    if (E.isLeft(decoded)) return
    assert.is(decoded.right.cniVersion, '0.1.0')
    assert.ok(RequestConfiguration.is(decoded.right))
    assert.is(RequestConfiguration.encode(decoded.right), text)
    const said = (input: unknown) =>
      reportFailures(RequestConfiguration.decode(input), 'bad-json', 'it')[0]?.message
    assert.is(said('{}'), '7: missing network name')
    assert.is(said({ name: 'a' }), 'stdin is a text')
    assert.not.ok(RequestConfiguration.is({ text: '{}' }))
  })
})

describe('the codec of a configuration list (reference/cni.md 2.1)', (it) => {
  const list = { cniVersion: '1.0.0', name: 'a', plugins: [{ type: 'b', x: 1 }], y: 2 }

  it('keeps unknown keys, gives the same object, and chooses the highest version (S-011, S-016)', () => {
    assert.is((NetworkConfigurationList.decode(list) as E.Right<unknown>).right, list)
    assert.ok(NetworkConfigurationList.is(list))
    const several = { ...list, cniVersions: ['0.4.0', '1.1.0', '2.0.0'] }
    const decoded = NetworkConfigurationList.decode(several)
    assert.is(E.isRight(decoded) && decoded.right.cniVersion, '1.1.0')
    assert.not.ok(NetworkConfigurationList.is(several))
  })

  it('names every fault with its place', () => {
    const wrong = { name: 7, plugins: [{ type: 'b' }, { capabilities: { 'a/b': 1 }, type: 'b' }] }
    const problems = reportFailures(NetworkConfigurationList.decode(wrong), 'bad-json', 'it')
    assert.equal(
      problems.map(({ path }) => path),
      ['it#/name', 'it#/plugins/1/capabilities/a~1b'],
    )
    assert.match(problems[0]?.message ?? '', '"name" must be a text')
  })

  it('never throws, whatever it gets', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        NetworkConfigurationList.decode(value)
        NetworkConfigurationList.is(value)
        RequestEnvironment.decode(value)
        RequestEnvironment.is(value)
        RequestConfiguration.decode(value)
        RequestConfiguration.is(value)
      }),
      { numRuns: 2000 },
    )
  })
})
