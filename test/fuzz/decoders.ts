/** Decides which decoders are fuzzed, what each promises beside returning, and how its inputs grow. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { parseAddress, parseCidr } from '../../lib/cni/address.js'
import { formatArgs, parseArgs, podOf } from '../../lib/cni/args.js'
import { decodeCached, encodeCached } from '../../lib/cni/cache.js'
import {
  capabilitiesOf,
  decodeList,
  decodeSingle,
  type NetworkConfigurationList,
} from '../../lib/cni/configuration.js'
import { convertAny, convertResult, toCurrent } from '../../lib/cni/convert.js'
import { deriveStdin } from '../../lib/cni/derive.js'
import { decodeCniError, errorObject } from '../../lib/cni/error.js'
import { parseMac } from '../../lib/cni/hardware-address.js'
import { ifnameFault, isContainerId } from '../../lib/cni/identifier.js'
import { decodeJson } from '../../lib/cni/json.js'
import { knownArgs } from '../../lib/cni/plugin-args.js'
import { NetworkConfigurationList as ListCodec } from '../../lib/cni/request-codec.js'
import { decodeResult } from '../../lib/cni/result.js'
import { highestVersion, knownVersions, parseVersion } from '../../lib/cni/version.js'
import { decodeVersionReply } from '../../lib/cni/version-reply.js'
import { cachedOf, recordOfCached } from '../../lib/engine/cached.js'
import { decodeForeign } from '../../lib/engine/foreign.js'
import { decodeRecord } from '../../lib/engine/record.js'
import {
  allInterfaces,
  decodeMetaConfiguration,
  decodePlan,
  diff,
  explain,
  hash,
  multus,
  type Plan,
  plan,
  readCatalogue,
  render,
  requested,
  strict,
  tke,
} from '../../lib/index.js'
import { allocate, collect, release, status } from '../../lib/ipam/host-local.js'
import { decode as decodeHostLocal } from '../../lib/ipam/host-local-config.js'
import { decodePool, emptyPool } from '../../lib/ipam/pool.js'
import { parseResolvConf } from '../../lib/ipam/resolv-conf.js'
import { decode as decodeStatic } from '../../lib/ipam/static.js'
import { play, recordedCommand } from '../engine/harness.js'
import { randomFrom } from '../simulation/random.js'
import { growingJson, listed, repeated } from './growth.js'
import { respondTo } from './request.js'
import * as samples from './samples.js'
import type { Decoder } from './watch.js'

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
const configKeys = ['name', 'type', 'plugins', 'cniVersion', 'cniVersions', 'capabilities', 'ipam']

/** The value of a JSON text, or undefined when it is none: that is the decoder's to refuse as well. */
const jsonOf = (text: string): unknown => {
  const json = decodeJson(text, 'input')
  return E.isRight(json) ? json.right : undefined
}

/** What was made of an input can be printed, and reads the same again. */
const prints = (value: unknown): void => {
  const text = JSON.stringify(value) ?? 'null'
  assert.equal(JSON.stringify(JSON.parse(text)), text)
}

const request: Decoder = {
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

const configuration: Decoder = {
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
    versions: listed('{"name":"a","plugins":[{"type":"b"}],"cniVersions":[', '"0.#.0"', ']}'),
  },
}

const metaConfiguration: Decoder = {
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

const annotation: Decoder = {
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

const planText: Decoder = {
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

const result: Decoder = {
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

const cache: Decoder = {
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

const record: Decoder = {
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

const versionReply: Decoder = {
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

const cniError: Decoder = {
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

const cniArgs: Decoder = {
  name: 'CNI_ARGS',
  samples: samples.args,
  isJson: false,
  pieces: [';', '=', 'IP', 'MAC', 'IgnoreUnknown=1', 'IgnoreUnknown=', 'K8S_POD_NAME=a', 'a=b'],
  run: (text) => {
    const pairs = parseArgs(text)
    const known = knownArgs(text, ['IP', 'MAC'])
    if (E.isLeft(pairs)) return assert.ok(E.isLeft(known) && pairs.left.code === 4)
    podOf(pairs.right)
    const written = formatArgs(pairs.right)
    if (E.isLeft(written)) return assert.is(written.left.code, 4)
    return assert.equal(
      [...pairs.right],
      [...E.getOrElse(() => pairs.right)(parseArgs(written.right))],
    )
  },
  growth: {
    pairs: repeated('', 'k#=v', '', ';'),
    'the same pair': repeated('', 'k=v', '', ';'),
    'one long value': repeated('k=', 'v', ''),
    semicolons: repeated('', ';', ''),
    'equals signs': repeated('', '=', ''),
  },
}

const resolvConf: Decoder = {
  name: 'resolv.conf',
  samples: samples.resolvConfs,
  isJson: false,
  pieces: ['nameserver ', 'search ', 'domain ', 'options ', '\n', '\t', '#', ';', ' '],
  run: (text) => prints(parseResolvConf(text)),
  growth: {
    lines: repeated('', 'nameserver 10.0.0.#\n', ''),
    options: repeated('options', ' a#', ''),
    blanks: repeated('search a', ' ', 'b'),
    'blanks before the end': repeated('', ' \t', '\n'),
    breaks: repeated('', '\n', ''),
    'one long word': repeated('', 'x', ''),
  },
}

const owner = { containerId: 'c1', ifname: 'eth0' }

const hostLocal: Decoder = {
  name: 'host-local configuration',
  samples: samples.hostLocals,
  isJson: true,
  pieces: [
    'ipam',
    'ranges',
    'subnet',
    'rangeStart',
    'rangeEnd',
    'gateway',
    'routes',
    'ips',
    'dataDir',
  ],
  run: (text, seed) => {
    const random = randomFrom(seed)
    const value = jsonOf(text)
    const args = random.oneIn(3) ? random.pick(samples.args) : ''
    const decoded = decodeHostLocal(typeof value === 'object' ? { ...value } : {}, args)
    if (E.isLeft(decoded)) return assert.ok([1, 4, 7].includes(decoded.left.code))
    prints(decoded.right.routes)
    status(decoded.right, emptyPool)
    const allocated = allocate(decoded.right, emptyPool, owner)
    if (E.isLeft(allocated)) return assert.is(allocated.left.code, 999)
    prints(allocated.right)
    return assert.equal(release(allocated.right.state, owner).reservations, {})
  },
  growth: {
    ...growingJson,
    ranges: listed(
      '{"name":"a","cniVersion":"1.0.0","ipam":{"ranges":[',
      '[{"subnet":"10.#.0.0/16"}]',
      ']}}',
    ),
    'ranges that do not overlap': (length) => subnets(length, '[', ']'),
    'one set of many ranges': (length) =>
      `${subnets(length, '', '').replace('[{', '[[{').slice(0, -3)}]]}}`,
    'requested addresses': listed(
      '{"name":"a","ipam":{"subnet":"10.0.0.0/8"},"args":{"cni":{"ips":[',
      '"10.0.0.9"',
      ']}}}',
    ),
    'different requested addresses': (length) =>
      `{"name":"a","ipam":{"subnet":"10.0.0.0/8"},"args":{"cni":{"ips":[${counting(length / 14, (n) => `"10.${n}"`)}]}}}`,
    routes: listed('{"name":"a","ipam":{"subnet":"10.0.0.0/8","routes":[', '{"dst":"::/0"}', ']}}'),
  },
}

/** `0.0.0`, `0.0.1`, ... as often as asked. */
const counting = (count: number, write: (three: string) => string): string =>
  Array.from({ length: Math.max(1, Math.floor(count)) }, (_, n) =>
    write(`${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`),
  ).join(',')

const subnets = (length: number, open: string, close: string): string => {
  const sets = counting(length / 30, (n) => `${open}{"subnet":"${n}.0/30"}${close}`)
  return `{"name":"a","cniVersion":"1.0.0","ipam":{"ranges":[${sets}]}}`
}

const pool: Decoder = {
  name: 'host-local state',
  samples: samples.pools,
  isJson: true,
  pieces: ['reservations', 'last', 'containerId', 'ifname', '10.1.0.2', '10.1.0.3'],
  run: (text) => {
    const state = decodePool(jsonOf(text))
    if (state === undefined) return
    prints(state)
    assert.equal(decodePool(state), state)
    const config = decodeHostLocal(JSON.parse(samples.hostLocals[1] ?? ''), '')
    if (E.isRight(config)) allocate(config.right, state, owner)
    collect(state, [owner])
  },
  growth: {
    ...growingJson,
    reservations: (length) =>
      `{"last":{},"reservations":{${counting(length / 45, (n) => `"10.${n}":{"containerId":"a","ifname":"b"}`)}}}`,
  },
}

const staticConfig: Decoder = {
  name: 'static configuration',
  samples: samples.statics,
  isJson: true,
  pieces: ['ipam', 'addresses', 'address', 'gateway', 'routes', 'dns', 'args', 'cni', 'ips'],
  run: (text, seed) => {
    const random = randomFrom(seed)
    const value = jsonOf(text)
    const args = random.oneIn(3) ? random.pick([...samples.args, 'IP=10.0.0.5/8,::1/64']) : ''
    const decoded = decodeStatic(typeof value === 'object' ? { ...value } : {}, args)
    if (E.isLeft(decoded)) return assert.ok([1, 4, 7].includes(decoded.left.code))
    return prints(decoded.right)
  },
  growth: {
    ...growingJson,
    addresses: listed(
      '{"name":"a","cniVersion":"1.0.0","ipam":{"addresses":[',
      '{"address":"10.0.0.2/24","gateway":"10.0.0.1"}',
      ']}}',
    ),
    'requested addresses': listed(
      '{"cniVersion":"1.0.0","ipam":{},"runtimeConfig":{"ips":[',
      '"10.0.0.2/24"',
      ']}}',
    ),
    routes: listed('{"ipam":{"routes":[', '{"dst":"::/0"}', ']}}'),
  },
}

const address: Decoder = {
  name: 'address',
  samples: samples.addresses,
  isJson: false,
  pieces: [
    '0',
    '1',
    '01',
    '255',
    '256',
    'ff',
    'FFFF',
    '.',
    ':',
    '::',
    '/',
    '-',
    '%',
    '128',
    '1.2.3.4',
  ],
  run: (text) => {
    const one = parseAddress(text)
    if (one !== undefined) assert.equal(parseAddress(one.text), one)
    const cidr = parseCidr(text)
    if (cidr !== undefined) assert.equal(parseCidr(cidr.text), cidr)
    const mac = parseMac(text)
    if (mac !== undefined) assert.is(parseMac(mac), mac)
    parseVersion(text)
    ifnameFault(text)
    isContainerId(text)
  },
  growth: {
    digits: repeated('', '1', ''),
    dots: repeated('', '1.', ''),
    colons: repeated('', ':', ''),
    groups: repeated('', 'ab:', ''),
    slashes: repeated('', '/', ''),
    'a long prefix': repeated('1.2.3.4/', '0', '8'),
    dashes: repeated('a', '-', ' '),
  },
}

/** All of them, in the order in which they run. */
export const decoders: readonly Decoder[] = [
  request,
  configuration,
  metaConfiguration,
  annotation,
  planText,
  result,
  cache,
  record,
  versionReply,
  cniError,
  cniArgs,
  resolvConf,
  hostLocal,
  pool,
  staticConfig,
  address,
]
