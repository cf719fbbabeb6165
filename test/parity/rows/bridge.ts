/** Decides which configurations of the bridge plugin are compared (reference/plugins-and-ip.md 7.2). */
import type { JsonObject } from '../../../lib/cni/json.js'
import {
  each,
  failing,
  flawedCheck,
  life,
  type Row,
  type Step,
  shortLife,
  twoLives,
} from '../row.js'
import { both, fixed, four, ranges, six } from './ipam.js'

/** A row of one bridge, `br1`. */
const row = (
  name: string,
  options: JsonObject,
  more: Partial<Row> = {},
  steps: readonly Step[] = life,
): Row => ({
  name: `bridge: ${name}`,
  plugins: [{ type: 'bridge', bridge: 'br1', ...options }],
  steps,
  ...more,
})

// The tables are looked at, too.
const masquerade = { needs: ['iptables'] } as const
const makeBridge = 'ip link add br1 type bridge; ip link set br1 up;'
const mac = '02:11:22:33:44:55'

const addressing: readonly Row[] = [
  row('one IPv4 address', { ipam: four }),
  row('one IPv6 address', { ipam: six }),
  row('both families', { ipam: both }),
  row('isGateway, IPv4', { isGateway: true, ipam: four }),
  row('isGateway, IPv6', { isGateway: true, ipam: six }),
  row('isGateway, both families', { isGateway: true, ipam: both }),
  row('isDefaultGateway, IPv4', { isDefaultGateway: true, ipam: four }),
  row('isDefaultGateway, IPv6', { isDefaultGateway: true, ipam: six }),
  row('isDefaultGateway, both families', { isDefaultGateway: true, ipam: both }, masquerade),
  row('isGateway with an explicit gateway', {
    isGateway: true,
    ipam: { type: 'host-local', subnet: '10.1.0.0/24', gateway: '10.1.0.254' },
  }),
  row('isGateway without a gateway from IPAM', {
    isGateway: true,
    ipam: fixed([['10.1.0.9/24'], ['fd00:1::9/64']]),
  }),
  row(
    'a gateway that the bridge is not',
    { ipam: fixed([['10.1.0.9/24', '10.1.0.77']], { routes: [{ dst: '10.7.0.0/16' }] }) },
    {},
    flawedCheck(/Expected Route/),
  ),
  row('isDefaultGateway beside a default route with a gateway', {
    isDefaultGateway: true,
    ipam: { ...four, routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.9' }] },
  }),
  row(
    'isDefaultGateway beside a default route without a gateway',
    { isDefaultGateway: true, ipam: { ...four, routes: [{ dst: '0.0.0.0/0' }] } },
    {},
    failing(/exists/),
  ),
  row(
    'routes with and without a gateway',
    {
      isGateway: true,
      ipam: {
        ...both,
        routes: [
          { dst: '10.7.0.0/16' },
          { dst: '10.8.0.0/16', gw: '10.1.0.9' },
          { dst: 'fd00:7::/64' },
          { dst: 'fd00:8::/64', gw: 'fd00:1::9' },
        ],
      },
    },
    {},
    flawedCheck(/Expected Route/),
  ),
  row('default routes of IPAM', {
    isGateway: true,
    ipam: { ...both, routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }] },
  }),
  row('a route to a network without a gateway', {
    ipam: fixed([['10.1.0.9/24']], { routes: [{ dst: '10.7.0.0/16' }] }),
  }),
  row(
    'a /32 address',
    { ipam: fixed([['10.1.0.9/32']]) },
    {},
    flawedCheck(/Failed to find Gateway/),
  ),
  row('a /31 address', { isGateway: true, ipam: fixed([['10.1.0.9/31', '10.1.0.8']]) }),
  row('two IPv4 addresses', {
    isGateway: true,
    ipam: fixed([
      ['10.1.0.9/24', '10.1.0.1'],
      ['10.2.0.9/24', '10.2.0.1'],
    ]),
    forceAddress: true,
  }),
]

const masquerading: readonly Row[] = [
  row('ipMasq, IPv4', { isGateway: true, ipMasq: true, ipam: four }, masquerade),
  row('ipMasq, IPv6', { isGateway: true, ipMasq: true, ipam: six }, masquerade),
  row('ipMasq, both families', { isDefaultGateway: true, ipMasq: true, ipam: both }, masquerade),
  row(
    'ipMasq of two IPv4 addresses',
    { ipMasq: true, ipam: fixed([['10.1.0.9/24'], ['10.2.0.9/24']]) },
    masquerade,
    [{ verb: 'ADD' }, { verb: 'CHECK' }, { verb: 'DEL', flaw: /busy/ }],
  ),
  row(
    'ipMasq of two containers',
    { isGateway: true, ipMasq: true, ipam: both },
    masquerade,
    twoLives,
  ),
  row('ipMasq of two interfaces of one container', { ipMasq: true, ipam: four }, masquerade, [
    { verb: 'ADD' },
    { verb: 'ADD', ifname: 'net1' },
    { verb: 'DEL', flaw: /busy/ },
    { verb: 'DEL', ifname: 'net1' },
  ]),
]

const links: readonly Row[] = [
  row('mtu', { mtu: 1400, ipam: four }),
  row('mtu of jumbo frames', { mtu: 9000, ipam: four }),
  row('mtu 0', { mtu: 0, ipam: four }),
  row('a negative mtu', { mtu: -5, ipam: four }),
  row('hairpinMode', { hairpinMode: true, ipam: four }),
  row('promiscMode', { promiscMode: true, ipam: four }),
  row(
    'everything at once',
    {
      isDefaultGateway: true,
      ipMasq: true,
      mtu: 1350,
      hairpinMode: true,
      forceAddress: true,
      ipam: both,
    },
    masquerade,
  ),
  row('enabledad', { enabledad: true, ipam: both }, { findDuplicates: true }, shortLife),
  row('vlan 0', { vlan: 0, ipam: four }),
  row('the default bridge', {}, { plugins: [{ type: 'bridge', isGateway: true, ipam: four }] }),
  row('a long interface name', { ipam: four }, {}, each(life, { ifname: 'a-long-ifname.1' })),
  row('without IPAM', {}, {}, flawedCheck(/no plugin name/)),
  row('with an empty IPAM', { ipam: {} }, {}, flawedCheck(/no plugin name/)),
  row(
    'without IPAM, mtu and hairpinMode',
    { mtu: 1400, hairpinMode: true },
    {},
    flawedCheck(/no plugin name/),
  ),
  row(
    'mac by CNI_ARGS',
    { ipam: four },
    {},
    each(life, { args: `IgnoreUnknown=1;K8S_POD_NAME=p;MAC=${mac}` }),
  ),
  row('mac by CNI_ARGS alone', {}, {}, each(flawedCheck(/no plugin name/), { args: `MAC=${mac}` })),
  row('mac by args.cni.mac', { ipam: four, args: { cni: { mac } } }),
  row('mac by runtimeConfig', { ipam: four, runtimeConfig: { mac } }),
  row(
    'mac by all of its ways',
    {
      ipam: four,
      args: { cni: { mac: '02:00:00:00:00:02' } },
      runtimeConfig: { mac: '02:00:00:00:00:03' },
    },
    {},
    each(life, { args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:01' }),
  ),
  row(
    'mac by args.cni.mac and CNI_ARGS',
    { ipam: four, args: { cni: { mac: '02:00:00:00:00:02' } } },
    {},
    each(life, { args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:01' }),
  ),
  row(
    'mac in capitals',
    { ipam: four, runtimeConfig: { mac: '02:AA:BB:CC:DD:EE' } },
    { setup: ': 02:aa:bb:cc:dd:ee' },
  ),
]

const names: readonly Row[] = [
  row('dns of the configuration', {
    dns: { nameservers: ['10.1.0.1'], search: ['a.example'] },
    ipam: fixed([['10.1.0.9/24']], { dns: { nameservers: ['10.9.9.9'], domain: 'b.example' } }),
  }),
  row('dns of IPAM', {
    ipam: fixed([['10.1.0.9/24']], {
      dns: { nameservers: ['10.9.9.9'], domain: 'b.example', options: ['ndots:2'] },
    }),
  }),
  row('cniVersion 0.1.0', { isGateway: true, ipam: four }, { cniVersion: '0.1.0' }, shortLife),
  row('cniVersion 0.2.0', { isGateway: true, ipam: both }, { cniVersion: '0.2.0' }, shortLife),
  row('cniVersion 0.3.0', { isGateway: true, ipam: both }, { cniVersion: '0.3.0' }, shortLife),
  row(
    'cniVersion 0.3.1',
    { isDefaultGateway: true, ipam: both },
    { cniVersion: '0.3.1' },
    shortLife,
  ),
  row('cniVersion 0.4.0', { isDefaultGateway: true, ipam: both }, { cniVersion: '0.4.0' }),
]

const existing: readonly Row[] = [
  row(
    'a bridge with another mtu',
    { mtu: 1400, isGateway: true, ipam: four },
    {
      setup: `${makeBridge} ip link set br1 mtu 1300`,
    },
  ),
  row(
    'a bridge that is down',
    { isGateway: true, ipam: four },
    { setup: 'ip link add br1 type bridge' },
  ),
  row(
    'a bridge that was told its address',
    { isGateway: true, ipam: four },
    {
      setup: `${makeBridge} ip link set br1 address 02:00:00:00:00:99`,
    },
  ),
  row(
    'a bridge that has the gateway',
    { isGateway: true, ipam: both },
    {
      setup: `${makeBridge} ip addr add 10.1.0.1/24 broadcast + dev br1; ip addr add fd00:1::1/64 dev br1`,
    },
  ),
  row(
    'a bridge that has the gateway with another prefix, forceAddress',
    {
      isGateway: true,
      forceAddress: true,
      ipam: four,
    },
    { setup: `${makeBridge} ip addr add 10.1.0.1/16 broadcast + dev br1` },
  ),
  row(
    'forceAddress over an IPv4 address',
    { isGateway: true, forceAddress: true, ipam: four },
    {
      setup: `${makeBridge} ip addr add 10.5.0.1/24 broadcast + dev br1`,
    },
  ),
  row(
    'forceAddress over an IPv6 address',
    { isGateway: true, forceAddress: true, ipam: six },
    {
      setup: `${makeBridge} ip addr add fd00:1::5/64 dev br1`,
    },
  ),
  row(
    'a bridge with an IPv6 address of another network',
    { isGateway: true, ipam: six },
    {
      setup: `${makeBridge} ip addr add fd00:5::1/64 dev br1`,
    },
  ),
  row(
    'forwarding that is on',
    { isGateway: true, ipam: both },
    {
      setup:
        'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
    },
  ),
  row(
    'a container without IPv6',
    { isDefaultGateway: true, ipam: both },
    {
      setup: `cn a sh -c 'for place in all default lo; do echo 1 > /proc/sys/net/ipv6/conf/$place/disable_ipv6; done'`,
    },
  ),
  row('two containers on one bridge', { isDefaultGateway: true, ipam: both }, {}, twoLives),
  row('two interfaces of one container', { isGateway: true, ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'ADD', ifname: 'net1' },
    { verb: 'CHECK' },
    { verb: 'CHECK', ifname: 'net1' },
    { verb: 'DEL' },
    { verb: 'CHECK', ifname: 'net1' },
    { verb: 'DEL', ifname: 'net1' },
  ]),
  row(
    'routes of the container that were there',
    { isGateway: true, ipam: { ...four, routes: [{ dst: '10.7.0.0/16' }] } },
    {
      setup: 'cn a ip link set lo up; cn a ip route add 10.7.0.0/16 dev lo metric 50',
    },
    shortLife,
  ),
  row('two subnets of one family, isDefaultGateway', {
    isDefaultGateway: true,
    forceAddress: true,
    ipam: ranges('10.1.0.0/24', '10.2.0.0/24'),
  }),
]

/** The rows that succeed. */
export const bridgeRows: readonly Row[] = [
  ...addressing,
  ...masquerading,
  ...links,
  ...names,
  ...existing,
]
