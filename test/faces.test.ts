import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import * as assert from 'uvu/assert'
import { knownVersions } from '../lib/cni/version.js'
import * as functional from '../lib/fp.js'
import * as plain from '../lib/index.js'
import { describe } from './suite.js'

const address = { cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] }

describe('convertResult of both faces (reference/cni.md 3.3)', (it) => {
  it('3.3: is plain in metacni, an Either in metacni/fp, and says the same', () => {
    for (const version of [...knownVersions, '', '9.9.9']) {
      const said = plain.convertResult(address, version)
      const either = functional.convertResult(address, version)
      assert.equal(said.ok ? said.value : said.error, E.toUnion(either), version)
      assert.is(said.ok, E.isRight(either))
    }
    assert.equal(plain.convertResult(address, '0.2.0'), {
      ok: true,
      value: { cniVersion: '0.2.0', ip4: { ip: '10.0.0.2/24' }, dns: {} },
    })
  })

  it('3.3: gives the same object for the same version', () => {
    const said = plain.convertResult(address, '1.1.0')
    assert.is(said.ok && said.value, address)
  })

  it('3.3: fails with code 999 and the words of libcni where there is no conversion', () => {
    assert.equal(plain.convertResult(address, '2.0.0'), {
      ok: false,
      error: { code: 999, msg: 'no converter for CNI result version 1.1.0 to 2.0.0' },
    })
    assert.equal(plain.convertResult({ ...address, cniVersion: '0.9.0' }, '1.0.0'), {
      ok: false,
      error: { code: 999, msg: 'no converter for CNI result version 0.9.0 to 1.0.0' },
    })
    assert.equal(plain.convertResult({ cniVersion: '1.0.0' }, '0.2.0'), {
      ok: false,
      error: { code: 999, msg: 'cannot convert: no valid IP addresses' },
    })
  })

  it('3.2: a result without a version is of 0.1.0', () => {
    const said = plain.convertResult({ ip4: { ip: '10.0.0.2/24' } }, '1.0.0')
    assert.equal(said.ok && said.value, { cniVersion: '1.0.0', ips: address.ips })
  })

  it('never throws, whatever a caller without types gives it', () => {
    const wrong: readonly unknown[] = [
      undefined,
      null,
      7,
      'text',
      [],
      { cniVersion: 7 },
      { cniVersion: '1.0.0', ips: 'x' },
      { cniVersion: '1.0.0', ips: [null] },
      { cniVersion: '0.2.0', ip4: 7 },
      { cniVersion: '9.9.9', ips: 7 },
    ]
    for (const value of wrong) {
      for (const version of ['0.2.0', '0.4.0', '1.1.0', 'x', undefined, null, 7, {}]) {
        const said = plain.convertResult(value as object, version as string)
        if (!said.ok)
          assert.ok([1, 6, 999].includes(said.error.code), JSON.stringify([value, version]))
      }
    }
  })
})

describe("what a plugin of one's own reads of its request, in both faces", (it) => {
  const config = {
    prevResult: { cniVersion: '0.4.0', ips: [{ version: '4', address: '10.0.0.2/24' }] },
    'cni.dev/valid-attachments': [{ containerID: 'c1', ifname: 'eth0' }],
  }
  const request = { config, cniVersion: '1.1.0' }
  const wrong = {
    config: { prevResult: 7, 'cni.dev/attachments': 7 },
    cniVersion: '1.1.0',
  }

  it('1.8: CNI_ARGS: every pair, or those that the plugin knows', () => {
    const pairs = plain.parseArgs('IP=10.0.0.1;X=1')
    assert.equal(pairs.ok && [...pairs.value], [
      ['IP', '10.0.0.1'],
      ['X', '1'],
    ])
    assert.equal(plain.parseArgs('IP'), {
      ok: false,
      error: { code: 4, msg: 'ARGS: invalid pair "IP"' },
    })
    const known = plain.knownArgs('IP=10.0.0.1;X=1;IgnoreUnknown=1', ['IP'])
    assert.equal(known.ok && [...known.value], [['IP', '10.0.0.1']])
    assert.equal(plain.knownArgs('X=1', ['IP']), {
      ok: false,
      error: { code: 4, msg: 'ARGS: unknown args ["X=1"]' },
    })
    assert.ok(E.isLeft(functional.knownArgs('X=1', ['IP'])))
    assert.ok(E.isRight(functional.parseArgs('X=1')))
  })

  it('3.2: the result before it, in the version of the request', () => {
    const value = { cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] }
    assert.equal(plain.prevResultOf(request), { ok: true, value })
    assert.equal(functional.prevResultOf(request), E.right(value))
    const refused = plain.prevResultOf(wrong)
    assert.is(!refused.ok && refused.error.code, 999)
    assert.ok(E.isLeft(functional.prevResultOf(wrong)))
  })

  it('2.11: the attachments that GC must keep', () => {
    const value = [{ containerID: 'c1', ifname: 'eth0' }]
    assert.equal(plain.validAttachments(config), { ok: true, value })
    assert.equal(functional.decodeValidAttachments(config), E.right(value))
    const refused = plain.validAttachments(wrong.config)
    assert.is(!refused.ok && refused.error.code, 7)
  })
})

describe('metacni/fp', (it) => {
  it('has every name of metacni; those that docs/embed.md names are the same functions', () => {
    const same = ['delegate', 'delegateAdd', 'replay', 'toReply', 'validAttachments'] as const
    for (const name of Object.keys(plain)) assert.ok(name in functional, name)
    const isShared = (name: string) => Reflect.get(functional, name) === Reflect.get(plain, name)
    for (const name of same) assert.ok(isShared(name), name)
    const others = ['plan', 'createEngine', 'convertResult', 'parseArgs', 'decodePlan'] as const
    for (const name of others) assert.not.ok(isShared(name), name)
  })

  it('has the io-ts codecs of results, configurations, requests and errors', () => {
    const codecs = {
      Result: address,
      LegacyResult: { cniVersion: '0.2.0', ip4: { ip: '10.0.0.2/24' } },
      ResultInterface: { name: 'eth0' },
      ResultAddress: { address: '10.0.0.2/24' },
      ResultRoute: { dst: '::/0' },
      ResultDns: { nameservers: [] },
      LegacyAddress: { ip: '10.0.0.2/24' },
      CniError: { code: 7, msg: 'm' },
      PluginConfiguration: { type: 'bridge' },
      NetworkConfigurationList: { name: 'a', plugins: [{ type: 'bridge' }] },
      RequestEnvironment: { CNI_COMMAND: 'GC', CNI_PATH: '/p' },
      RequestConfiguration: '{"name":"a"}',
    } as const
    for (const [name, value] of Object.entries(codecs)) {
      const codec: t.Type<unknown, unknown> = Reflect.get(functional, name)
      assert.ok(E.isRight(codec.decode(value)), name)
      assert.ok(E.isLeft(codec.decode(7)), name)
      assert.is(codec.name, name)
    }
  })
})
