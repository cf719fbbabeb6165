/** Decides what is promised of network configurations and of the meta plugin's own. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import {
  capabilitiesOf,
  decodeList,
  decodeSingle,
  type NetworkConfigurationList,
} from '../../../lib/cni/configuration.js'
import { deriveStdin } from '../../../lib/cni/derive.js'
import { NetworkConfigurationList as ListCodec } from '../../../lib/cni/request-codec.js'
import {
  decodeMetaConfiguration,
  multus,
  plan,
  readCatalogue,
  strict,
  tke,
} from '../../../lib/index.js'
import { growingJson, listed, repeated } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { jsonOf, prints } from './common.js'

export const configKeys = [
  'name',
  'type',
  'plugins',
  'cniVersion',
  'cniVersions',
  'capabilities',
  'ipam',
]

const usesList = (list: NetworkConfigurationList): void => {
  prints(list)
  capabilitiesOf(list)
  // A list of thousands of plugins is derived for some of them alone.
  for (const plugin of list.plugins.slice(0, 3)) {
    for (const verb of ['ADD', 'GC'] as const) {
      const parts = { list, plugin, verb, capabilityArgs: { ips: [], mac: null } }
      const stdin = deriveStdin({ ...parts, validAttachments: [] })
      assert.ok(E.isRight(stdin))
      if (E.isRight(stdin)) prints(stdin.right)
    }
  }
}

export const configuration: Decoder = {
  name: 'configuration',
  samples: [...samples.lists, ...samples.singles],
  isJson: true,
  pieces: configKeys,
  run: (text) => {
    const value = jsonOf(text)
    for (const decode of [decodeList, decodeSingle]) {
      const decoded = decode(value, 'input')
      if (E.isRight(decoded)) usesList(decoded.right)
      else for (const { path } of decoded.left) assert.ok(path.startsWith('input#'))
    }
    assert.is(E.isRight(ListCodec.decode(value)), E.isRight(decodeList(value, '')))
    const files = ['a.conflist', 'b.conf', 'c.json', 'd'].map((source) => ({ source, text }))
    for (const { name } of readCatalogue(files).networks.values()) {
      assert.match(name, /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/)
    }
  },
  growth: {
    ...growingJson,
    plugins: listed('{"name":"a","plugins":[', '{"type":"b#"}', ']}'),
    'plugins that are none': listed('{"name":"a","plugins":[', '{"type":#}', ']}'),
    'null in plugins': listed('{"name":"a","plugins":[', '{"type":"b","name":null}', ']}'),
    capabilities: listed('{"name":"a","type":"b","capabilities":{', '"c#":true', '}}'),
    'capabilities that are none': listed('{"name":"a","type":"b","capabilities":{', '"c#":1', '}}'),
    'capabilities that are null': listed(
      '{"name":"a","type":"b","capabilities":{',
      '"c#":null',
      '}}',
    ),
    versions: listed('{"name":"a","plugins":[{"type":"b"}],"cniVersions":[', '"0.#.0"', ']}'),
  },
}

export const metaConfiguration: Decoder = {
  name: 'meta configuration',
  samples: samples.metaConfigurations,
  isJson: true,
  pieces: [
    'name',
    'type',
    'confDir',
    'LOGFILE',
    'logLevel',
    'timeout',
    'runtimeConfig',
    'defaultDelegates',
  ],
  run: (text) => {
    const config = { source: 'input', text }
    const { value } = decodeMetaConfiguration(config)
    prints(value)
    assert.ok(value.timeout > 0 && value.type !== '')
    for (const profile of [tke, multus, strict]) {
      const planned = plan({ config, catalogue: samples.catalogue }, profile)
      prints(planned)
    }
  },
  growth: {
    ...growingJson,
    'unknown keys': listed('{', '"key#":1', '}'),
    'keys that differ in case': listed('{', '"nAmE":"a"', '}'),
    'default networks': repeated('{"defaultDelegates":"', 'a', '"}', ','),
    runtimeConfig: listed('{"defaultDelegates":"front","runtimeConfig":{', '"c#":[]', '}}'),
  },
}
