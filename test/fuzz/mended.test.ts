/** What fuzzing has found, each as the smallest test that shows it. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { decodeSingle } from '../../lib/cni/configuration.js'
import { maskSecrets } from '../../lib/cni/secrets.js'
import { toCniError } from '../../lib/engine/error.js'
import { plan } from '../../lib/index.js'
import { decode as decodeHostLocal } from '../../lib/ipam/host-local-config.js'
import { parseResolvConf } from '../../lib/ipam/resolv-conf.js'
import { decode as decodeStatic } from '../../lib/ipam/static.js'
import { parseJsonForm } from '../../lib/network/json-form.js'
import { decodeMetaConfiguration } from '../../lib/network/meta-configuration.js'
import { describe } from '../suite.js'

const manyKeys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))

describe('a text with thousands of what is usually few', (it) => {
  it('may be a resolv.conf: a line has as many options as it likes', () => {
    const words = Array.from({ length: 300_000 }, (_, i) => `o${i}`)
    assert.is(parseResolvConf(`options ${words.join(' ')}\n`).options?.length, words.length)
  })

  it('may be the capabilities of a plugin, all of them null: each is looked at once', () => {
    const nulls = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, null]))
    let reads = 0
    const capabilities = new Proxy({ ...nulls, mac: true } as Record<string, unknown>, {
      get: (target, key) => {
        reads++
        return target[String(key)]
      },
    })
    const decoded = decodeSingle({ name: 'a', type: 'bridge', capabilities }, 'a.conf')
    assert.ok(E.isRight(decoded))
    if (E.isLeft(decoded)) return
    assert.equal(decoded.right.plugins[0]?.capabilities, { mac: true })
    assert.ok(reads <= 2 * 200_001, `${reads} reads`)
  })

  it('is refused by host-local, which would compare each with each', () => {
    const ranges = Array.from({ length: 257 }, (_, i) => [
      { subnet: `10.${i % 256}.0.0/${16 + (i >> 8)}` },
    ])
    const refused = decodeHostLocal({ cniVersion: '1.0.0', name: 'a', ipam: { ranges } }, '')
    assert.equal(refused, E.left({ code: 7, msg: 'more than 256 range sets: 257' }))
    const ips = Array.from({ length: 257 }, () => '10.0.0.9')
    const asked = { name: 'a', ipam: { subnet: '10.0.0.0/8' }, args: { cni: { ips } } }
    const msg = 'more than 256 addresses are asked for: 257'
    assert.equal(decodeHostLocal(asked, ''), E.left({ code: 7, msg }))
  })

  it('is refused by static, in its configuration and in CNI_ARGS', () => {
    const many = (text: string) => Array.from({ length: 257 }, () => text)
    const refusal = (stdin: object, args = '') => {
      const decoded = decodeStatic({ cniVersion: '1.0.0', ...stdin }, args)
      return E.isLeft(decoded) ? `${decoded.left.code} ${decoded.left.msg}` : 'taken'
    }
    const addresses = many('10.0.0.5/8')
    assert.is(
      refusal({ ipam: { addresses: addresses.map((address) => ({ address })) } }),
      '7 addresses: more than 256 addresses: 257',
    )
    assert.is(
      refusal({ ipam: {}, runtimeConfig: { ips: addresses } }),
      '7 runtimeConfig.ips: more than 256 addresses: 257',
    )
    assert.is(
      refusal({ ipam: {} }, `IP=${addresses.join(',')}`),
      '4 CNI_ARGS IP: more than 256 addresses: 257',
    )
    assert.is(
      refusal({ ipam: {} }, `GATEWAY=${many('10.0.0.1').join(',')}`),
      '4 CNI_ARGS GATEWAY: more than 256 addresses: 257',
    )
  })

  it('makes few warnings of an annotation, so that its plan can be saved and read again', () => {
    const text = JSON.stringify([{ name: 'a', ...manyKeys(1000) }])
    const { selections, problems } = parseJsonForm(text, 'k', 'any')
    assert.is(selections.length, 1)
    assert.equal(
      problems.map(({ path }) => path),
      [...Array.from({ length: 8 }, (_, i) => `k#/0/k${i}`), 'k#/0'],
    )
    assert.is(problems.at(-1)?.message, '992 more keys are not understood')
    assert.is(problems.at(-1)?.severity, 'warning')
    const strictly = parseJsonForm(text, 'k', 'specified').problems
    assert.equal([strictly.length, strictly.at(-1)?.severity], [9, 'error'])
    const few = parseJsonForm(JSON.stringify([{ name: 'a', ...manyKeys(8) }]), 'k', 'any')
    assert.is(few.problems.length, 8)
  })

  it('makes few problems of requested addresses', () => {
    const text = JSON.stringify([{ name: 'a', ips: ['10.0.0.5/8', ...Array(20).fill('x')] }])
    const { selections, problems } = parseJsonForm(text, 'k', 'any')
    assert.equal(selections[0]?.ips, ['10.0.0.5/8'])
    assert.is(problems.length, 9)
    assert.is(problems.at(-1)?.message, '12 more are neither an address nor a CIDR')
  })

  it('makes few warnings of the meta configuration', () => {
    const text = JSON.stringify({ logFILE: '/x', ...manyKeys(20) })
    const { value, problems } = decodeMetaConfiguration({ source: 's', text })
    assert.is(value.logFile, '/x')
    assert.is(problems.length, 9)
    assert.is(problems.at(-1)?.message, '13 more keys are not understood, or spelled otherwise')
  })

  it('makes an error object that a person can read', () => {
    const networks = Array.from({ length: 1000 }, (_, i) => `n${i}`).join(',')
    const planned = plan({ networks, files: [] })
    assert.ok(!planned.ok)
    if (planned.ok) return
    const { msg, details } = toCniError(planned.problems)
    assert.match(msg, '(and 999 more)')
    assert.is(details?.split('; ').length, 65)
    assert.match(details ?? '', /; and 936 more$/)
  })
})

describe('masking twice', (it) => {
  it('is masking once where it mends a JSON text: what it then is, is looked into', () => {
    const text = '{"":"\\"key\\":\\}","args":["--psk","c"]}'
    assert.is(maskSecrets(text), '{"":"\\"key\\":***}","args":["--psk","***"]}')
  })

  it('is masking once where a URL begins like the name of a secret', () => {
    for (const text of ['//pass:a"@', '//pass:a}@']) {
      const once = maskSecrets(text)
      assert.is(once, '//pass:***')
      assert.is(maskSecrets(once), once)
    }
  })
})
