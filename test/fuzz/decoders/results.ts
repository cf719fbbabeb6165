/** Decides what is promised of what plugins answer: results, VERSION replies, error objects. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { convertAny, convertResult, toCurrent } from '../../../lib/cni/convert.js'
import { decodeCniError, errorObject } from '../../../lib/cni/error.js'
import { decodeResult } from '../../../lib/cni/result.js'
import { highestVersion, knownVersions } from '../../../lib/cni/version.js'
import { decodeVersionReply } from '../../../lib/cni/version-reply.js'
import { allInterfaces, type Plan, plan } from '../../../lib/index.js'
import { randomFrom } from '../../simulation/random.js'
import { growingJson, listed, repeated } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { jsonOf, prints } from './common.js'

const resultKeys = [
  'cniVersion',
  'interfaces',
  'ips',
  'routes',
  'dns',
  'ip4',
  'ip6',
  'ip',
  'address',
]

export const result: Decoder = {
  name: 'result',
  samples: samples.results,
  isJson: true,
  pieces: [...resultKeys, 'gateway', 'interface', 'version', 'dst', 'gw', 'nameservers', 'sandbox'],
  run: (text, seed) => {
    const value = jsonOf(text)
    const random = randomFrom(seed)
    const decoded = decodeResult(value, random.pick([...knownVersions, '', 'junk']))
    for (const version of [...knownVersions, 'junk']) convertAny(value, version)
    if (E.isLeft(decoded)) return assert.ok([1, 6].includes(decoded.left.code) && decoded.left.msg)
    prints(decoded.right)
    assert.ok(E.isRight(decodeResult(decoded.right, 'unused')))
    for (const version of [...knownVersions, '']) {
      const converted = convertResult(decoded.right, version)
      if (E.isLeft(converted)) assert.is(converted.left.code, 999)
      else assert.ok(E.isRight(decodeResult(converted.right, 'unused')))
    }
    const whole = toCurrent(decoded.right)
    const [attachment] = attachments
    if (E.isLeft(whole) || attachment === undefined) return undefined
    const one = { attachment, result: whole.right }
    return prints(allInterfaces([one, one]))
  },
  growth: {
    ...growingJson,
    addresses: listed('{"cniVersion":"1.1.0","ips":[', '{"address":"10.0.0.2/24"}', ']}'),
    'wrong addresses': listed('{"cniVersion":"1.1.0","ips":[', '{"address":"x"}', ']}'),
    'a long address': repeated('{"cniVersion":"1.1.0","ips":[{"address":"', '1.', '"}]}'),
    interfaces: listed('{"cniVersion":"1.1.0","interfaces":[', '{"name":"e#","mac":""}', ']}'),
    routes: listed(
      '{"cniVersion":"0.4.0","ips":[{"version":"4","address":"1.2.3.4/8"}],"routes":[',
      '{"dst":"::/0","x":#}',
      ']}',
    ),
    'legacy routes': listed(
      '{"cniVersion":"0.2.0","ip4":{"ip":"1.2.3.4/8","routes":[',
      '{"dst":"10.0.0.0/8"}',
      ']}}',
    ),
    'unknown keys': listed('{"cniVersion":"0.2.0","ip4":{"ip":"1.2.3.4/8"},', '"k#":#', '}'),
  },
}
const attachments = samples.catalogue.networks.size === 0 ? [] : planOfSamples()

function planOfSamples(): Plan['attachments'] {
  const planned = plan({ networks: 'front,back', catalogue: samples.catalogue })
  return planned.ok ? planned.plan.attachments : []
}

export const versionReply: Decoder = {
  name: 'VERSION reply',
  samples: samples.versionReplies,
  isJson: true,
  pieces: ['cniVersion', 'supportedVersions'],
  run: (text) => {
    const decoded = decodeVersionReply(text)
    if (E.isLeft(decoded)) return assert.ok(decoded.left.startsWith('decoding version info: '))
    prints(decoded.right)
    return highestVersion(decoded.right)
  },
  growth: {
    ...growingJson,
    versions: listed('{"cniVersion":"1.1.0","supportedVersions":[', '"0.#.0"', ']}'),
    'a long version': repeated('{"cniVersion":"1.1.0","supportedVersions":["', '1.', '"]}'),
  },
}

export const cniError: Decoder = {
  name: 'error object',
  samples: samples.errors,
  isJson: true,
  pieces: ['code', 'msg', 'details', 'cniVersion'],
  run: (text) => {
    const error = decodeCniError(jsonOf(text))
    if (error === undefined) return
    assert.ok(Number.isSafeInteger(error.code) && error.code >= 0)
    prints(errorObject(error, '1.1.0'))
  },
  growth: growingJson,
}
