/** Decides what is promised of the annotations that a runtime sends. */
import * as assert from 'uvu/assert'
import { decodeRuntimePod, plan, podAnnotationsCapability } from '../../../lib/index.js'
import { growingJson, listed } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { jsonOf, prints } from './common.js'

const key = 'tke.cloud.tencent.com/networks'

export const runtimePod: Decoder = {
  name: 'annotations of a runtime',
  samples: [
    ...samples.shortAnnotations.map((text) => JSON.stringify({ [key]: text, note: 'a' })),
    ...samples.jsonAnnotations.map((text) => JSON.stringify({ [key]: text })),
    'null',
    '{}',
  ],
  isJson: true,
  pieces: [key, 'front', 'back@eth5', ',', '__proto__', 'note'],
  run: (text) => {
    const sent = { [podAnnotationsCapability]: jsonOf(text) }
    const read = decodeRuntimePod(sent, { namespace: 'shop', name: 'web' }, 'input')
    if (!read.ok) {
      assert.ok(read.problems.length > 0)
      for (const { code, path } of read.problems) {
        assert.is(code, 'bad-pod')
        assert.ok(path.startsWith('input#/runtimeConfig/'))
      }
      return
    }
    prints(read)
    for (const value of Object.values(read.pod?.annotations ?? {})) assert.type(value, 'string')
    const planned = plan({ catalogue: samples.catalogue, ...(read.pod && { pod: read.pod }) })
    prints(planned)
  },
  growth: {
    ...growingJson,
    annotations: listed('{', '"k#":"v"', '}'),
    'annotations that are none': listed('{', '"k#":#', '}'),
  },
}
