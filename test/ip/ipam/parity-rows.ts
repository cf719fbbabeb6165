/** Decides which configurations and sequences the binary and ours must answer alike: the table of parity. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Verb } from '../../../lib/cni/invocation.js'
import type { JsonObject } from '../../../lib/cni/json.js'

/** One call of a sequence. `says`: what both say when both refuse. */
export interface Step {
  readonly verb: Verb
  readonly id: string
  readonly ifname: string
  /** CNI_ARGS, instead of the row's. */
  readonly args?: string
  readonly says?: RegExp
  /** Laid over the configuration. */
  readonly change?: JsonObject
}

/** A configuration and what is asked of it. */
export interface Row {
  readonly title: string
  readonly type?: 'static'
  /** `undefined`: there is none. An object gets `type` and `dataDir`. */
  readonly ipam: unknown
  readonly more?: JsonObject
  readonly args?: string
  readonly steps: readonly Step[]
  /** Files of the pool before the first step. */
  readonly files?: Readonly<Record<string, string>>
  /** What else is there before the first step: gets the `dataDir`. */
  readonly prepare?: (dataDir: string) => void
}

type Rest = Partial<Omit<Step, 'verb' | 'id'>>

const step =
  (verb: Verb) =>
  (id = 'a', says?: RegExp, rest: Rest = {}): Step => ({
    verb,
    id,
    ifname: 'eth0',
    ...(says && { says }),
    ...rest,
  })

export const add = step('ADD')
export const check = step('CHECK')
export const del = step('DEL')

const four: JsonObject = { subnet: '10.0.0.0/29' }
const six: JsonObject = { subnet: '2001:db8::/64' }
const both: JsonObject = { ranges: [[four], [six]] }
const whole = [add(), check(), del(), check('a', /failed to find|no address/i), del()]

const ok = (title: string, ipam: unknown, more: JsonObject = {}, args = ''): Row => ({
  title,
  ipam,
  more,
  args,
  steps: whole,
})

const refused = (
  title: string,
  says: RegExp,
  ipam: unknown,
  more: JsonObject = {},
  args = '',
): Row => ({ title, ipam, more, args, steps: [add('a', says)] })

const row = (
  title: string,
  ipam: unknown,
  steps: readonly Step[],
  rest: Partial<Row> = {},
): Row => ({
  title,
  ipam,
  steps,
  ...rest,
})

const gone = /failed to find|no address/i
const full = /no IP addresses available in range set/
const dead = /not a directory/

/** Rows of host-local. */
export const hostLocalRows: readonly Row[] = [
  ok('one IPv4 subnet in the legacy form', four),
  ok('one IPv4 subnet in ranges', { ranges: [[four]] }),
  ok('one IPv6 subnet', six),
  ok('both families', both),
  ...['', '0.1.0', '0.2.0', '0.3.0', '0.3.1'].map((cniVersion) =>
    row(
      `both families, version "${cniVersion}"`,
      { ...both, routes: [{ dst: '0.0.0.0/0' }] },
      [add(), check('a', /does not allow CHECK/), del()],
      { more: { cniVersion } },
    ),
  ),
  ok('both families, version 0.4.0', both, { cniVersion: '0.4.0' }),
  row(
    'a version that nobody knows',
    four,
    [add('a', /incompatible CNI versions/), del('a', /incompatible CNI versions/)],
    { more: { cniVersion: '9.9.9' } },
  ),
  ok('routes, canonical, with and without a gateway', {
    ...four,
    routes: [
      { dst: '0.0.0.0/0' },
      { dst: '10.1.2.3/8', gw: '' },
      { dst: '2001:DB8:0::1/32', gw: null },
      { dst: '1.2.3.0/24', gw: '::ffff:1.2.3.4' },
    ],
  }),
  ok(
    'routes before 0.3.0 go to their family',
    {
      ...both,
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0', gw: '2001:db8::9' }],
    },
    { cniVersion: '0.4.0' },
  ),
  ok('keys of routes that this version does not have', {
    ...four,
    routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1', mtu: 1400, priority: 5, note: 'x' }],
  }),
  refused('a route to no CIDR', /CIDR/, { ...four, routes: [{ dst: 'x' }] }),
  refused('a route over no address', /invalid IP address/, {
    ...four,
    routes: [{ dst: '0.0.0.0/0', gw: 'x' }],
  }),
  refused('routes that are no list', /routes/, { ...four, routes: {} }),
  refused('no ipam', /IPAM config missing 'ipam' key/, undefined),
  refused('ipam null', /IPAM config missing 'ipam' key/, null),
  refused('ipam a text', /ipam/, 'x'),
  refused('no ranges', /no IP ranges specified/, {}),
  refused('ranges that are no list', /ranges/, { ranges: {} }),
  refused('an empty set', /range set 0/, { ranges: [[]] }),
  refused('a set that is null', /range set 0/, { ranges: [null] }),
  refused('a range that is a text', /range/, { ranges: [['x']] }),
  refused('a range without a subnet', /range set 0/, { ranges: [[{}]] }),
  refused('a subnet without a prefix', /CIDR/, { subnet: '10.0.0.0' }),
  refused('a subnet that is empty', /CIDR/, { subnet: '' }),
  refused('a subnet that is null', /CIDR/, { subnet: null }),
  refused('a subnet with leading zeros', /CIDR/, { subnet: '010.0.0.0/29' }),
  ok('a prefix with leading zeros', { subnet: '10.0.0.0/029' }),
  refused('a subnet with host bits', /host bits set/, { subnet: '10.0.0.1/29' }),
  refused('a /31', /too small/, { subnet: '10.0.0.0/31' }),
  refused('a /127', /too small/, { subnet: '2001:db8::/127' }),
  refused('IPv4 in the form of IPv6', /range set 0/, {
    ranges: [[{ subnet: '::ffff:10.0.0.0/125' }]],
  }),
  row('a /30 has one address', { subnet: '10.0.0.0/30' }, [
    add('a'),
    add('b', full),
    del('a'),
    add('b'),
  ]),
  row('a /126 has two', { subnet: '2001:db8::/126' }, [
    add('a'),
    add('b'),
    add('c', full),
    del('b'),
    add('c'),
  ]),
  refused('rangeStart is no address', /rangeStart|invalid IP/, { ...four, rangeStart: 'x' }),
  refused('rangeEnd is no address', /rangeEnd|invalid IP/, { ...four, rangeEnd: 'x' }),
  refused('gateway is no address', /gateway|invalid IP/, { ...four, gateway: '10.9.9' }),
  refused('rangeStart outside', /not in/, { ...four, rangeStart: '10.0.1.1' }),
  refused('rangeEnd outside', /not in/, { ...four, rangeEnd: '10.0.1.1' }),
  refused('rangeEnd before rangeStart', /range set 0/, {
    ranges: [[{ ...four, rangeStart: '10.0.0.5', rangeEnd: '10.0.0.3' }]],
  }),
  ok('rangeStart may be the network itself', { ...four, rangeStart: '10.0.0.0' }),
  ok('rangeStart in the form of IPv6', { ...four, rangeStart: '::ffff:10.0.0.4' }),
  row(
    'rangeEnd may be the broadcast address',
    { ...four, rangeStart: '10.0.0.6', rangeEnd: '10.0.0.7' },
    [add('a'), add('b'), add('c', full)],
  ),
  row('a gateway outside leaves the first address free', { ...four, gateway: '10.9.9.9' }, [
    add('a'),
    add('b'),
  ]),
  row('a gateway in the middle is passed over', { ...four, gateway: '10.0.0.3' }, [
    add('a'),
    add('b'),
    add('c'),
  ]),
  row('a range of one address', { ...four, rangeStart: '10.0.0.4', rangeEnd: '10.0.0.4' }, [
    add('a'),
    add('b', full),
    del('a'),
    add('b'),
  ]),
  refused('a range of the gateway alone', full, {
    ...four,
    rangeStart: '10.0.0.4',
    rangeEnd: '10.0.0.4',
    gateway: '10.0.0.4',
  }),
  refused('two families in a set', /mixed address families/, { ranges: [[four, six]] }),
  refused('overlap in a set', /overlap/, { ranges: [[four, { subnet: '10.0.0.0/30' }]] }),
  refused('overlap of sets', /range set 0 overlaps with 1/, { ranges: [[four], [four]] }),
  refused('overlap with the legacy range', /range set 0 overlaps with 1/, {
    ...four,
    ranges: [[four]],
  }),
  refused(
    'two of a family before 0.3.0',
    /more than 1 address per family/,
    {
      ranges: [[four], [{ subnet: '10.1.0.0/24' }]],
    },
    { cniVersion: '0.2.0' },
  ),
  ok('two of a family since 0.3.0', { ranges: [[four], [{ subnet: '10.1.0.0/24' }]] }),
  row(
    'ranges of a set, one after the other and round again',
    {
      ranges: [[{ subnet: '10.0.0.0/30' }, { subnet: '10.0.1.0/30' }]],
    },
    [add('a'), add('b'), add('c', full), del('a'), add('d'), del('b'), add('e')],
  ),
  row('an exhausted range', four, [
    ...['a', 'b', 'c', 'd', 'e'].map((id) => add(id)),
    add('f', full),
    del('c'),
    add('f'),
    add('g', full),
  ]),
  row('round robin: what was released is not next', four, [
    add('a'),
    del('a'),
    add('b'),
    add('c'),
    del('b'),
    add('d'),
  ]),
  row('the same attachment twice', four, [
    add('a'),
    add('a', /10.0.0.2 has been allocated to .*a.*duplicate allocation is not allowed/),
    add('a', undefined, { ifname: 'eth1' }),
    check('a', undefined, { ifname: 'eth1' }),
    del('a'),
    check('a', gone),
    check('a', undefined, { ifname: 'eth1' }),
  ]),
  row('DEL of others leaves it', both, [
    add('a'),
    del('b'),
    del('a', undefined, { ifname: 'eth1' }),
    check('a'),
  ]),
  row(
    'the legacy range, ranges and runtimeConfig.ipRanges together',
    { subnet: '10.2.0.0/24', ranges: [[{ subnet: '10.3.0.0/24' }]] },
    whole,
    {
      more: { runtimeConfig: { ipRanges: [[{ subnet: '10.1.0.0/24' }]] } },
    },
  ),
  ok('runtimeConfig.ipRanges alone', {}, { runtimeConfig: { ipRanges: [[four]] } }),
  refused('runtimeConfig.ipRanges that are no list', /ranges/i, four, {
    runtimeConfig: { ipRanges: 'x' },
  }),
  ok('rangeStart without a legacy subnet', { rangeStart: '10.0.0.4', ranges: [[four]] }),
  row(
    'CNI_ARGS IP, then round robin from there',
    four,
    [
      add('a'),
      add('b', /10.0.0.5 is not available in range set/),
      add('c', undefined, { args: '' }),
      del('a'),
    ],
    { args: 'IP=10.0.0.5' },
  ),
  row('CNI_ARGS IP with a prefix, which does not count', four, [add('a')], {
    args: 'IP=10.0.0.5/8',
  }),
  row('CNI_ARGS IP in the form of IPv6', four, [add('a')], { args: 'IP=::ffff:10.0.0.4' }),
  row('CNI_ARGS IP empty', four, [add('a')], { args: 'IP=' }),
  row('CNI_ARGS of others with IgnoreUnknown', four, [add('a')], {
    args: 'IgnoreUnknown=1;MAC=x;IP=10.0.0.4',
  }),
  refused('CNI_ARGS IP is the gateway', /10.0.0.1 is subnet's gateway/, four, {}, 'IP=10.0.0.1'),
  refused('CNI_ARGS IP is no address', /ARGS: .*10.0.0/, four, {}, 'IP=10.0.0'),
  refused('CNI_ARGS IP is a list', /ARGS: .*10.0.0.5/, four, {}, 'IP=10.0.0.5,10.0.0.6'),
  refused('CNI_ARGS IP with a prefix too long', /ARGS: .*10.0.0.5.99/, four, {}, 'IP=10.0.0.5/99'),
  refused('CNI_ARGS that host-local does not know', /ARGS: unknown args/, four, {}, 'MAC=x'),
  refused('CNI_ARGS with an empty pair', /ARGS: invalid pair/, four, {}, 'IP=10.0.0.4;'),
  ok('args.cni.ips', four, { args: { cni: { ips: ['10.0.0.5'] } } }),
  refused('args.cni.ips with no address', /x/, four, { args: { cni: { ips: ['x'] } } }),
  refused('args.cni.ips with an empty text', /address|cannot understand ip/, four, {
    args: { cni: { ips: [''] } },
  }),
  refused('args.cni.ips that are no list', /args.cni.ips/, four, {
    args: { cni: { ips: '10.0.0.5' } },
  }),
  ok('runtimeConfig.ips with a prefix', four, { runtimeConfig: { ips: ['10.0.0.5/24'] } }),
  ok('runtimeConfig.ips, one of each family', both, {
    runtimeConfig: { ips: ['2001:DB8::00aa', '10.0.0.5/24'] },
  }),
  row('runtimeConfig.ips, the same twice', four, [add('a')], {
    more: { runtimeConfig: { ips: ['10.0.0.5/24', '10.0.0.5'] } },
  }),
  refused('runtimeConfig.ips with half a prefix', /10.0.0.5\//, four, {
    runtimeConfig: { ips: ['10.0.0.5/'] },
  }),
  refused('resolvConf that is not there', /no such file/, {
    ...four,
    resolvConf: '/nowhere/resolv.conf',
  }),
  refused('resolvConf that is a directory', /is a directory/, { ...four, resolvConf: '/' }),
  refused('dataDir that is a number', /dataDir/, { ...four, dataDir: 1 }),
  ok('dns in ipam, which host-local does not read', { ...four, dns: { nameservers: ['1.1.1.1'] } }),
  ok('a prevResult, which host-local does not read', four, {
    prevResult: { cniVersion: '1.0.0', ips: [] },
  }),
  row(
    'leases of before 0.8: a container id alone',
    four,
    [
      add('old', /has been allocated/),
      add('old', /has been allocated/, { ifname: 'eth1' }),
      check('old'),
      check('old', undefined, { ifname: 'eth7' }),
      del('old'),
      check('old'),
      check('old', undefined, { ifname: 'eth1' }),
      add('old', /has been allocated/, { ifname: 'eth1' }),
      del('old', undefined, { ifname: 'eth1' }),
      check('old', gone),
      del('old'),
      add('old'),
    ],
    { files: { '10.0.0.3': 'old', '10.0.0.4': ' old\r\neth0\r\n', '10.0.0.6': '\told\n' } },
  ),
  row(
    "leases that are nobody's stay taken and stay",
    four,
    [add('a'), del('a'), check('b', gone)],
    {
      files: { '10.0.0.2': '', '10.0.0.3': 'what?', '10.0.0.4': 'b\neth0', README: 'hello' },
      prepare: (dataDir) => mkdirSync(join(dataDir, 'net', '10.0.0.5')),
    },
  ),
  row('what was last reserved: out of range', four, [add('a')], {
    files: { 'last_reserved_ip.0': '10.9.0.4' },
  }),
  row('what was last reserved: no address', four, [add('a')], {
    files: { 'last_reserved_ip.0': 'x' },
  }),
  row('what was last reserved: with a newline, which is no address', four, [add('a')], {
    files: { 'last_reserved_ip.0': '10.0.0.4\n' },
  }),
  row('what was last reserved: the end', four, [add('a')], {
    files: { 'last_reserved_ip.0': '10.0.0.6' },
  }),
  row('what was last reserved: before the gateway', { ...four, gateway: '10.0.0.5' }, [add('a')], {
    files: { 'last_reserved_ip.0': '10.0.0.4' },
  }),
  row(
    'a lock that is a directory',
    four,
    [add('a', /directory|regular/), del('a', /directory|regular/)],
    {
      prepare: (dataDir) => mkdirSync(join(dataDir, 'net', 'lock'), { recursive: true }),
    },
  ),
  row('a pool that is a file', four, [add('a', dead), check('a', dead), del('a', dead)], {
    prepare: (dataDir) => {
      mkdirSync(dataDir, { recursive: true })
      writeFileSync(join(dataDir, 'net'), 'x')
    },
  }),
  row('a data directory behind a link', four, whole, {
    prepare: (dataDir) => {
      mkdirSync(`${dataDir}-real`)
      symlinkSync('d-real', dataDir)
    },
  }),
  row('a container id of every character', four, [
    add('a.B-c_9'),
    check('a.B-c_9'),
    del('a.B-c_9'),
  ]),
  row('a container id that leads elsewhere', four, [
    add('../a', /invalid characters in containerID/),
    del('../a', /invalid characters in containerID/),
  ]),
  row('an interface name that leads elsewhere', four, [
    add('a', /interface name contains/, { ifname: '../a' }),
    del('a', /interface name contains/, { ifname: '../a' }),
  ]),
  row(
    'a network name that leads elsewhere',
    four,
    [
      add('a', /invalid characters found in network name/),
      del('a', /invalid characters found in network name/),
    ],
    { more: { name: '..' } },
  ),
  row(
    'no network name',
    four,
    [add('a', /missing network name/), del('a', /missing network name/)],
    { more: { name: '' } },
  ),
]

const fixed: JsonObject = { addresses: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }] }
const one = (title: string, ipam: unknown, more: JsonObject = {}, args = ''): Row => ({
  title,
  type: 'static',
  ipam,
  more,
  args,
  steps: [add(), del()],
})
const wrong = (
  title: string,
  says: RegExp,
  ipam: unknown,
  more: JsonObject = {},
  args = '',
): Row => ({ title, type: 'static', ipam, more, args, steps: [add('a', says), del()] })
const previous = (
  title: string,
  ipam: unknown,
  ips: unknown,
  says?: RegExp,
  more: JsonObject = {},
): Row => ({
  title,
  type: 'static',
  ipam,
  more: {
    ...more,
    ...(ips !== undefined && { prevResult: { cniVersion: more.cniVersion ?? '1.0.0', ips } }),
  },
  steps: [check('a', says)],
})

/** Rows of static. */
export const staticRows: readonly Row[] = [
  one('addresses, routes and dns; keys that Go does not know', {
    ...fixed,
    routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1', mtu: 9 }],
    dns: { nameservers: ['1.1.1.1'], domain: 'd', search: ['s'], options: ['o'], note: 1 },
  }),
  one('no address', {}),
  one('no address, 0.3.1', {}, { cniVersion: '0.3.1' }),
  wrong('no address, 0.2.0', /no valid IP addresses/, {}, { cniVersion: '0.2.0' }),
  wrong('no ipam', /IPAM config missing 'ipam' key/, undefined),
  one('dns null', { ...fixed, dns: null }),
  one('dns with empty values', { ...fixed, dns: { nameservers: [], domain: '', search: null } }),
  wrong('dns a text', /dns/, { ...fixed, dns: 'x' }),
  wrong('nameservers a text', /dns/, { ...fixed, dns: { nameservers: 'x' } }),
  one('a gateway of the other family', { addresses: [{ address: '10.0.0.5/24', gateway: '::1' }] }),
  one('an empty gateway', { addresses: [{ address: '10.0.0.5/24', gateway: '' }] }),
  wrong('a gateway that is none', /IP address/, {
    addresses: [{ address: '10.0.0.5/24', gateway: 'x' }],
  }),
  wrong('an address without a prefix', /'address' field is expected to be in CIDR/, {
    addresses: [{ address: '10.0.0.5' }],
  }),
  wrong('an address that is missing', /'address' field is expected to be in CIDR/, {
    addresses: [{}],
  }),
  wrong('addresses that are no list', /addresses/, { addresses: 'x' }),
  one('IPv4 in the form of IPv6', { addresses: [{ address: '::ffff:10.0.0.5/120' }] }),
  one(
    'both families, 0.2.0',
    {
      addresses: [{ address: '10.0.0.5/24' }, { address: '2001:DB8::6/64' }],
      routes: [{ dst: '::/0' }],
    },
    { cniVersion: '0.2.0' },
  ),
  wrong(
    'two of a family, 0.2.0',
    /more than 1 address per family/,
    {
      addresses: [{ address: '10.0.0.5/24' }, { address: '10.0.0.6/24' }],
    },
    { cniVersion: '0.2.0' },
  ),
  one(
    'two of a family, 0.3.0',
    {
      addresses: [{ address: '10.0.0.5/24' }, { address: '10.0.0.6/24' }],
    },
    { cniVersion: '0.3.0' },
  ),
  one('CNI_ARGS IP is appended', fixed, {}, 'IP=10.0.0.6/24'),
  one(
    'CNI_ARGS IP with GATEWAY',
    fixed,
    {},
    'IP=10.1.0.5/24, 2001:db8::5/64;GATEWAY=10.1.0.1, 2001:db8::1',
  ),
  one(
    'CNI_ARGS GATEWAY leaves configured addresses alone',
    { addresses: [{ address: '10.0.0.5/24' }] },
    {},
    'GATEWAY=10.0.0.9',
  ),
  wrong('CNI_ARGS IP without a prefix', /CIDR notation.*10.0.0.6/, fixed, {}, 'IP=10.0.0.6'),
  wrong('CNI_ARGS IP with an empty part', /CIDR notation/, fixed, {}, 'IP=10.0.0.6/24,'),
  wrong('CNI_ARGS GATEWAY that is none', /invalid gateway address/, fixed, {}, 'GATEWAY=x'),
  wrong('CNI_ARGS that static does not know', /unknown args/, fixed, {}, 'MAC=1'),
  one('CNI_ARGS of others with IgnoreUnknown', fixed, {}, 'MAC=1;IgnoreUnknown=true'),
  one(
    'args.cni.ips replace all',
    fixed,
    { args: { cni: { ips: ['10.2.0.5/24'] } } },
    'IP=10.4.0.4/24',
  ),
  one(
    'args.cni.ips replace addresses that are wrong',
    { addresses: [{ address: 'x' }] },
    { args: { cni: { ips: ['10.2.0.5/24'] } } },
  ),
  one(
    'runtimeConfig.ips replace those',
    fixed,
    {
      args: { cni: { ips: ['10.2.0.5/24'] } },
      runtimeConfig: { ips: ['10.3.0.5/24'] },
    },
    'GATEWAY=10.3.0.1',
  ),
  wrong('runtimeConfig.ips without a prefix', /CIDR notation.*10.3.0.5/, fixed, {
    runtimeConfig: { ips: ['10.3.0.5'] },
  }),
  wrong(
    'CNI_ARGS IP that is wrong, under runtimeConfig.ips',
    /CIDR notation.*10.4.0.4/,
    fixed,
    { runtimeConfig: { ips: ['10.3.0.5/24'] } },
    'IP=10.4.0.4',
  ),
  wrong('args.cni.ips that are wrong, under runtimeConfig.ips', /CIDR notation.*x/, fixed, {
    args: { cni: { ips: ['x'] } },
    runtimeConfig: { ips: ['10.3.0.5/24'] },
  }),
  { ...one('DEL under CNI_ARGS that are nonsense', fixed, {}, 'foo'), steps: [del()] },
  previous('CHECK without a prevResult', fixed, undefined, /prevResult missing/),
  previous('CHECK', fixed, [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }]),
  previous(
    'CHECK of another gateway',
    fixed,
    [{ address: '10.0.0.5/24', gateway: '10.0.0.9' }],
    /10.0.0.5/,
  ),
  previous('CHECK without the gateway', fixed, [{ address: '10.0.0.5/24' }], /10.0.0.5/),
  previous('CHECK of a gateway that a plugin found', { addresses: [{ address: '10.0.0.5/24' }] }, [
    { address: '10.0.0.5/24', gateway: '10.0.0.1' },
  ]),
  previous(
    'CHECK of a prevResult that is none',
    fixed,
    [{ address: 'x' }],
    /could not parse prevResult/,
  ),
  previous(
    'CHECK, 0.4.0',
    fixed,
    [{ version: '4', address: '10.0.0.5/24', gateway: '10.0.0.9' }],
    /10.0.0.5/,
    { cniVersion: '0.4.0' },
  ),
  previous('CHECK, 0.3.1', fixed, [], /does not allow CHECK/, { cniVersion: '0.3.1' }),
  previous(
    'CHECK of a wrong configuration',
    { addresses: [{ address: 'x' }] },
    [],
    /CIDR notation/,
  ),
]
