/** Decides what is promised of a request to a plugin. */
import { growingJson, listed, repeated } from '../growth.js'
import { respondTo } from '../request.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { configKeys } from './configurations.js'

export const request: Decoder = {
  name: 'request',
  samples: samples.requests,
  isJson: true,
  pieces: [...configKeys, 'prevResult', 'runtimeConfig', 'cni.dev/valid-attachments'],
  run: respondTo,
  growth: {
    ...growingJson,
    'a long name': repeated('{"name":"', 'a', '"}'),
    'a long version': repeated('{"name":"a","cniVersion":"', '1.', '"}'),
    'a long prevResult': listed(
      '{"cniVersion":"1.1.0","name":"a","prevResult":{"cniVersion":"0.4.0","ips":[',
      '{"version":"4","address":"10.0.0.2/24"}',
      ']}}',
    ),
  },
}
