/** Decides what is promised of annotations and of plans. */
import * as assert from 'uvu/assert'
import { ifnameFault } from '../../../lib/cni/identifier.js'
import {
  decodePlan,
  diff,
  explain,
  hash,
  multus,
  type Plan,
  plan,
  render,
  requested,
  strict,
  tke,
} from '../../../lib/index.js'
import { growingJson, listed, repeated } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { jsonOf, prints } from './common.js'

export const annotation: Decoder = {
  name: 'annotation',
  samples: [
    ...samples.jsonAnnotations,
    ...samples.shortAnnotations.map((text) => JSON.stringify(text)),
  ],
  isJson: true,
  pieces: [
    'name',
    'namespace',
    'interface',
    'ips',
    'mac',
    'front',
    'back',
    ',',
    '@',
    '/',
    'shop/back',
  ],
  run: (text) => {
    // A JSON text is the text that it spells: the short form among them.
    const value = jsonOf(text)
    const networks = typeof value === 'string' ? value : text
    for (const profile of [tke, multus, strict]) {
      const { selections, problems } = profile.grammar.parse(networks, 'input')
      for (const { name, interface: ifname } of selections) {
        assert.ok(name !== '')
        if (ifname !== undefined) assert.is(ifnameFault(ifname), undefined)
      }
      for (const { path } of problems) assert.ok(path.startsWith('input#'))
      const input = { networks, catalogue: samples.catalogue }
      requested(input, profile)
      const planned = plan(input, profile)
      prints(planned)
      if (!planned.ok) assert.ok(planned.problems.length > 0)
      else usesPlan(planned.plan)
    }
  },
  growth: {
    ...growingJson,
    'a long short form': repeated('', 'a', '', ','),
    'empty items': repeated('', ',', ''),
    'at signs': repeated('a', '@', ''),
    dashes: repeated('a', '-', '@'),
    slashes: repeated('a', '/', ''),
    elements: listed('[', '{"name":"front","interface":"e#"}', ']'),
    'elements that are none': listed('[', '7', ']'),
    'requested addresses': listed('[{"name":"front","ips":[', '"10.1.0.#"', ']}]'),
    'addresses in one text': repeated('[{"name":"front","ips":"', '10.1.0.9,', '"}]'),
    'unknown keys': listed('[{"name":"front",', '"k#":1', '}]'),
  },
}

/** A plan that may run can be shown, hashed, compared and read again. */
const usesPlan = (given: Plan): void => {
  explain(given)
  render(given, 'text')
  const read = decodePlan({ source: 'plan', text: render(given, 'json') })
  assert.ok(read.ok)
  if (!read.ok) return
  assert.is(hash(read.plan), hash(given))
  assert.equal(diff(given, read.plan), [])
}

export const planText: Decoder = {
  name: 'plan',
  samples: samples.plans,
  isJson: true,
  pieces: [
    'version',
    'attachments',
    'network',
    'ifname',
    'primary',
    'config',
    'plugins',
    'merge',
    'decisions',
  ],
  run: (text) => {
    const decoded = decodePlan({ source: 'input', text })
    if (decoded.ok) usesPlan(decoded.plan)
    else assert.ok(decoded.problems.length > 0)
  },
  growth: {
    ...growingJson,
    attachments: listed('{"version":1,"attachments":[', '{"ifname":"eth#"}', ']}'),
    decisions: listed(
      '{"version":1,"merge":"m","resultVersion":"1.0.0","warnings":[],"attachments":[],"decisions":[',
      '{"rule":"a","subject":"b","inputs":{},"chose":"c","why":"d"}',
      ']}',
    ),
    plugins: listed(
      '{"version":1,"merge":"m","resultVersion":"1.0.0","warnings":[],"decisions":[],"attachments":[{"network":{"name":"a","source":{"kind":"inline"}},"ifname":"eth0","primary":true,"capabilityArgs":{},"config":{"name":"a","plugins":[',
      '{"type":"b","x":#}',
      ']}}]}',
    ),
  },
}
