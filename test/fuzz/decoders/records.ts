/** Decides what is promised of what lies on the disk: cached results, our records, scratch files of others. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { decodeCached, encodeCached } from '../../../lib/cni/cache.js'
import { ifnameFault, isContainerId } from '../../../lib/cni/identifier.js'
import { cachedOf, recordOfCached } from '../../../lib/engine/cached.js'
import { decodeForeign } from '../../../lib/engine/foreign.js'
import { decodeRecord } from '../../../lib/engine/record.js'
import { play, recordedCommand } from '../../engine/harness.js'
import { growingJson, listed, repeated } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { jsonOf, prints } from './common.js'

export const cache: Decoder = {
  name: 'cache file',
  samples: samples.cacheFiles,
  isJson: true,
  pieces: [
    'kind',
    'containerId',
    'ifName',
    'networkName',
    'config',
    'cniArgs',
    'result',
    'metacni',
  ],
  run: (text) => {
    const decoded = decodeCached(jsonOf(text))
    if (E.isLeft(decoded)) return assert.ok(decoded.left !== '')
    const { containerId, ifname } = decoded.right
    assert.ok(isContainerId(containerId) && ifnameFault(ifname) === undefined)
    const written = encodeCached(decoded.right)
    const again = decodeCached(written)
    assert.equal(E.map(encodeCached)(again), E.right(written))
    const record = recordOfCached([decoded.right, decoded.right], { containerId, ifname })
    if (record === undefined) return undefined
    prints(record)
    return cachedOf(record)
  },
  growth: {
    ...growingJson,
    arguments: listed(cacheOpen('"cniArgs":['), '["a#","b"]', ']}'),
    'capability arguments': listed(cacheOpen('"capabilityArgs":{'), '"c#":#', '}}'),
    'a long configuration': repeated(cacheOpen('"config":"'), 'QUFB', '"}'),
    'a configuration that is no base64': repeated(cacheOpen('"config":"'), '=', '"}'),
  },
}

function cacheOpen(key: string): string {
  const whole = { kind: 'cniCacheV1', containerId: 'c', ifName: 'e', networkName: 'n', config: '' }
  return `${JSON.stringify(whole).slice(0, -1)},${key}`
}

export const record: Decoder = {
  name: 'record',
  samples: [...samples.records, ...samples.foreignRecords],
  isJson: true,
  pieces: [
    'record',
    'version',
    'sandbox',
    'plan',
    'steps',
    'state',
    'pending',
    'result',
    'adding',
    'failed',
  ],
  run: (text) => {
    const value = jsonOf(text)
    const stored = decodeRecord(value)
    const foreign = decodeForeign(value, 'c1')
    for (const one of [stored, foreign]) {
      if (E.isLeft(one)) assert.ok(one.left !== '')
      else if (one.right !== undefined) {
        prints(one.right)
        cachedOf(one.right)
        // As many plugins as a case has time for.
        const plugins = one.right.plan.attachments.flatMap(({ config }) => config.plugins)
        if (plugins.length > 50) continue
        for (const verb of ['CHECK', 'DEL'] as const) play(recordedCommand(verb, one.right))
      }
    }
  },
  growth: {
    ...growingJson,
    steps: listed(recordOpen('"steps":['), '{"state":"added","pending":0}', ']}'),
    'a search path': listed('{"record":"metacni","version":1,"sandbox":{"path":[', '"/opt"', ']}}'),
    delegates: listed('[', '{"Conf":{"name":"a","type":"b"},"ifnameRequest":"e#"}', ']'),
    'a long delegate': repeated('[{"Bytes":"', 'QUFB', '"}]'),
  },
}

function recordOpen(key: string): string {
  return `${(samples.records[0] ?? '').slice(0, -1)},${key}`
}
