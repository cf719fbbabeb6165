/** Decides which configurations of the tuning plugin are compared (reference/plugins-and-ip.md 7.7). */
import type { JsonObject } from '../../../lib/cni/json.js'
import { each, flawedCheck, life, type Row, removeContainer, type Step, shortLife } from '../row.js'
import { four } from './ipam.js'

const bridge: JsonObject = { type: 'bridge', bridge: 'br1', isGateway: true, ipam: four }

/** A row of tuning after a bridge. */
const row = (
  name: string,
  options: JsonObject,
  more: Partial<Row> = {},
  steps: readonly Step[] = life,
): Row => ({
  name: `tuning: ${name}`,
  plugins: [bridge, { type: 'tuning', ...options }],
  steps,
  ...more,
})

const mac = '02:11:22:33:44:55'

/** Only tuning, which needs a result before it. */
const alone = (
  name: string,
  options: JsonObject,
  steps: readonly Step[],
  more: Partial<Row> = {},
): Row => ({
  name: `tuning: ${name}`,
  plugins: [{ type: 'tuning', ...options }],
  steps,
  ...more,
})

const previous = (link = 'eth0'): JsonObject => ({
  cniVersion: '1.0.0',
  interfaces: [
    { name: link, mac: '02:00:00:00:00:20', sandbox: '/run/netns/a' },
    { name: 'other' },
  ],
  ips: [{ address: '10.1.0.9/24', interface: 0 }],
})
const madeLink =
  'cn a ip link add eth0 address 02:00:00:00:00:20 type veth peer name eth0peer; cn a ip link set eth0 up;'

const bad = (name: string, options: JsonObject, says: RegExp): Row =>
  alone(
    name,
    { ...options, prevResult: previous() },
    [{ verb: 'ADD', fails: { code: 999, says } }],
    { setup: madeLink },
  )

/** The rows of tuning. */
export const tuningRows: readonly Row[] = [
  row('nothing to change', {}),
  row('sysctl', { sysctl: { 'net.core.somaxconn': '517' } }),
  row(
    'sysctl of the interface',
    {
      sysctl: { 'net.ipv4.conf.IFNAME.arp_filter': '1', 'net.ipv6.conf.IFNAME.accept_ra': '2' },
    },
    {},
    flawedCheck(/IFNAME/),
  ),
  row(
    'sysctl with slashes',
    { sysctl: { 'net/ipv4/conf/IFNAME/rp_filter': '2' } },
    {},
    flawedCheck(/IFNAME/),
  ),
  row('sysctl of a dotted interface', { sysctl: { 'net/ipv4/conf/IFNAME/arp_filter': '1' } }, {}, [
    { verb: 'ADD', ifname: 'eth0.5', flaw: /eth0\/5/ },
    { verb: 'DEL', ifname: 'eth0.5' },
  ]),
  row('mac', { mac }),
  row('mac by CNI_ARGS', {}, {}, each(life, { args: `IgnoreUnknown=1;MAC=${mac}` })),
  row('mac by runtimeConfig', { runtimeConfig: { mac } }),
  row('mac by args.cni.mac', { args: { cni: { mac } } }),
  row(
    'mac by all of its ways',
    {
      mac: '02:00:00:00:00:01',
      args: { cni: { mac: '02:00:00:00:00:04' } },
      runtimeConfig: { mac: '02:00:00:00:00:03' },
    },
    {},
    each(life, { args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:02' }),
  ),
  row(
    'mac by runtimeConfig and CNI_ARGS',
    {
      mac: '02:00:00:00:00:01',
      runtimeConfig: { mac: '02:00:00:00:00:03' },
    },
    {},
    each(life, { args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:02' }),
  ),
  row('mtu', { mtu: 1400 }),
  row('promisc', { promisc: true }),
  row('promisc false', { promisc: false }),
  row('allmulti', { allmulti: true }),
  row('allmulti false', { allmulti: false }),
  row('txQLen, which v1.1.1 does not know', { txQLen: 77 }),
  row(
    'everything at once',
    {
      sysctl: { 'net.ipv4.conf.IFNAME.log_martians': '1' },
      mac,
      mtu: 1300,
      promisc: true,
      allmulti: true,
    },
    {},
    flawedCheck(/IFNAME/),
  ),
  row(
    'args.cni over the configuration',
    {
      mtu: 1300,
      sysctl: { 'net.ipv4.conf.IFNAME.arp_filter': '1' },
      args: {
        cni: {
          mtu: 1350,
          promisc: true,
          allmulti: true,
          sysctl: { 'net.ipv4.conf.IFNAME.arp_filter': '0' },
        },
      },
    },
    {},
    flawedCheck(/IFNAME/),
  ),
  row('dataDir', { mtu: 1400, dataDir: '/var/lib/tuning' }),
  row('cniVersion 0.3.1', { mtu: 1400, mac }, { cniVersion: '0.3.1' }, shortLife),
  row('cniVersion 0.4.0', { mtu: 1400, mac }, { cniVersion: '0.4.0' }),
  row('two interfaces of one container', { mtu: 1400, promisc: true }, {}, [
    { verb: 'ADD' },
    { verb: 'ADD', ifname: 'net1' },
    { verb: 'CHECK', ifname: 'net1' },
    { verb: 'DEL' },
    { verb: 'DEL', ifname: 'net1' },
  ]),
  {
    name: 'tuning: after macvlan',
    plugins: [
      { type: 'macvlan', master: 'up0', ipam: four },
      { type: 'tuning', mtu: 1400, mac, allmulti: true },
    ],
    steps: life,
  },
  {
    name: 'tuning: after ptp',
    plugins: [
      { type: 'ptp', ipam: four },
      { type: 'tuning', mtu: 1400, promisc: true },
    ],
    steps: life,
  },
  {
    name: 'tuning: twice in a list',
    plugins: [bridge, { type: 'tuning', mtu: 1400 }, { type: 'tuning', mtu: 1300, promisc: true }],
    steps: shortLife,
  },
  alone(
    'restores what was there',
    { mtu: 1400, mac, promisc: true, allmulti: true, prevResult: previous() },
    shortLife,
    {
      setup: `${madeLink} cn a ip link set eth0 mtu 1490 allmulticast on`,
    },
  ),
  alone(
    'ADD twice keeps the first backup, or not',
    { mtu: 1400, prevResult: previous() },
    [{ verb: 'ADD' }, { verb: 'ADD', change: { mtu: 1300 } }, { verb: 'DEL' }],
    { setup: madeLink },
  ),
  alone(
    'an empty backup',
    { mtu: 1400, prevResult: previous() },
    [{ verb: 'ADD' }, { verb: 'DEL', before: 'echo > /run/cni/tuning/parity-a_eth0.json' }],
    { setup: madeLink },
  ),
  alone(
    'DEL when the interface is gone',
    { mtu: 1400, prevResult: previous() },
    [{ verb: 'ADD' }, { verb: 'DEL', before: 'cn a ip link del eth0' }],
    { setup: madeLink },
  ),
  alone(
    'DEL when the namespace is gone',
    { mtu: 1400, prevResult: previous() },
    [{ verb: 'ADD' }, { verb: 'DEL', before: removeContainer }, { verb: 'DEL' }],
    { setup: madeLink },
  ),
  alone('no prevResult', { mtu: 1400 }, [
    { verb: 'ADD', fails: { code: 999, says: /prevResult/ } },
    { verb: 'DEL' },
  ]),
  alone('a missing interface', { mtu: 1400, prevResult: previous() }, [
    { verb: 'ADD', fails: { code: 999, says: /eth0|link/i } },
    { verb: 'DEL' },
  ]),
  bad('a sysctl that is not of the network', { sysctl: { 'kernel.panic': '1' } }, /kernel.panic/),
  bad(
    'a sysctl that leads out',
    { sysctl: { 'net.ipv4/../../kernel/panic': '1' } },
    /sysctl|panic/,
  ),
  bad('a sysctl that is missing', { sysctl: { 'net.ipv4.none_such': '1' } }, /none_such/),
  bad(
    'a sysctl value that is refused',
    { sysctl: { 'net.ipv4.conf.IFNAME.arp_filter': 'much' } },
    /arp_filter|invalid/i,
  ),
  bad('a mac that is none', { mac: 'none' }, /none/),
  bad('a mac of a group', { mac: '01:00:5e:00:00:01' }, /mac|address/i),
  bad('an mtu that the link cannot have', { mtu: 10 }, /mtu|invalid|numerical/i),
  bad('an mtu that is no number', { mtu: 'big' }, /mtu/),
  bad('a sysctl that is no text', { sysctl: { 'net.core.somaxconn': 5 } }, /sysctl/),
  {
    ...row('CHECK notices another mtu', { mtu: 1400 }),
    steps: [
      { verb: 'ADD' },
      {
        verb: 'CHECK',
        before: 'cn a ip link set eth0 mtu 1300',
        fails: { code: 999, says: /mtu/i },
      },
      { verb: 'DEL' },
    ],
  },
  {
    ...row('CHECK notices another sysctl', { sysctl: { 'net.core.somaxconn': '517' } }),
    steps: [
      { verb: 'ADD' },
      {
        verb: 'CHECK',
        before: 'cn a sh -c "echo 99 > /proc/sys/net/core/somaxconn"',
        fails: { code: 999, says: /somaxconn|sysctl/i },
      },
      { verb: 'DEL' },
    ],
  },
  {
    ...row('CHECK notices promisc that was lost', { promisc: true }),
    steps: [
      { verb: 'ADD' },
      {
        verb: 'CHECK',
        before: 'cn a ip link set eth0 promisc off',
        fails: { code: 999, says: /promisc/i },
      },
      { verb: 'DEL' },
    ],
  },
]
