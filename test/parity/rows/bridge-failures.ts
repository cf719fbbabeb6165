/** Decides which failures of the bridge plugin are compared, and what its DEL forgives (reference/plugins-and-ip.md 7.2). */
import type { JsonObject } from '../../../lib/cni/json.js'
import { each, failing, life, type Row, refused, removeContainer, type Step } from '../row.js'
import { fixed, four, six } from './ipam.js'

const row = (
  name: string,
  options: JsonObject,
  steps: readonly Step[],
  more: Partial<Row> = {},
): Row => ({
  name: `bridge: ${name}`,
  plugins: [{ type: 'bridge', bridge: 'br1', ipam: four, ...options }],
  steps,
  ...more,
})

const makeBridge = 'ip link add br1 type bridge; ip link set br1 up;'

const configurations: readonly Row[] = [
  row(
    'hairpinMode with promiscMode',
    { hairpinMode: true, promiscMode: true },
    failing(/hairpin.*promisc/i),
  ),
  row('vlan 5000', { vlan: 5000 }, refused(/vlan.*5000/i)),
  row('mtu that is no number', { mtu: 'big' }, refused(/mtu/)),
  row('isGateway that is no boolean', { isGateway: 'yes' }, refused(/isGateway/)),
  row('ipam that is no object', { ipam: 'host-local' }, refused(/ipam/)),
  row('mtu over what a veth can have', { mtu: 70_000 }, failing(/invalid argument|mtu/i)),
  row('mtu under what a veth can have', { mtu: 10 }, failing(/invalid argument|mtu/i)),
  row(
    'a bridge name that is too long',
    { bridge: 'a-name-that-is-too-long' },
    failing(/a-name-that-is-too-long/),
  ),
  row('a bridge name taken by another link', { bridge: 'up0' }, failing(/up0.*not a bridge/)),
  row('mac that is none', { runtimeConfig: { mac: 'none' } }, failing(/none|mac|hardware/i)),
  row('mac of a group', { runtimeConfig: { mac: '01:00:5e:00:00:01' } }, failing(/veth|address/i)),
  row('an unknown key in CNI_ARGS', {}, refused(/UNKNOWN|unknown/, { args: 'UNKNOWN=1' })),
  row('CNI_ARGS without a value', {}, refused(/args|pair|=/i, { args: 'MAC' })),
  row('an IPAM plugin that is not there', { ipam: { type: 'none-such' } }, refused(/none-such/)),
  row('IPAM without an address', { ipam: { type: 'static' } }, failing(/missing IP|no.*address/i)),
]

const nodes: readonly Row[] = [
  row('an interface that exists', {}, failing(/eth0.*exists/), {
    setup: 'cn a ip link add eth0 type veth peer name eth0peer',
  }),
  row('ADD twice', {}, [
    { verb: 'ADD' },
    { verb: 'ADD', fails: { code: 999, says: /eth0.*exists/ } },
    { verb: 'DEL' },
  ]),
  row(
    'an IPv4 address in the way',
    { isGateway: true },
    failing(/br1.*already has|different from/),
    {
      setup: `${makeBridge} ip addr add 10.5.0.1/24 dev br1`,
    },
  ),
  row(
    'the gateway with another prefix in the way',
    { isGateway: true },
    failing(/br1.*already has|different from/),
    {
      setup: `${makeBridge} ip addr add 10.1.0.1/16 dev br1`,
    },
  ),
  row(
    'an overlapping IPv6 address in the way',
    { isGateway: true, ipam: six },
    failing(/br1.*already has|different from/),
    {
      setup: `${makeBridge} ip addr add fd00:1::5/64 dev br1`,
    },
  ),
  row(
    'a second container fails',
    { isGateway: true, ipam: fixed([['10.1.0.9/24', '10.1.0.1']]) },
    [
      { verb: 'ADD' },
      { verb: 'ADD', container: 'b', fails: { code: 999, says: /eth0.*exists/ } },
      { verb: 'CHECK' },
      { verb: 'DEL' },
    ],
    { setup: 'cn b ip link add eth0 type veth peer name eth0peer' },
  ),
  row(
    'a route that cannot be had',
    {
      ipam: fixed([['10.1.0.9/24']], { routes: [{ dst: '10.7.0.0/16', gw: '10.99.0.1' }] }),
    },
    failing(/10\.7\.0\.0|route/),
  ),
  row('a namespace that is gone', {}, failing(/netns|namespace/, { netns: '/run/netns/none' })),
  row(
    'a namespace that is a file',
    {},
    failing(/netns|namespace/, { netns: '/run/parity' }).slice(0, 1),
    {
      setup: 'echo > /run/parity',
    },
  ),
]

const forgiveness: readonly Row[] = [
  row('DEL of what was never there', { isGateway: true }, [{ verb: 'DEL' }]),
  row(
    'DEL when the namespace is gone',
    { isGateway: true, ipMasq: true },
    [{ verb: 'ADD' }, { verb: 'DEL', before: removeContainer }, { verb: 'DEL' }],
    { needs: ['iptables'] },
  ),
  row('DEL without a namespace', { isGateway: true }, [
    { verb: 'ADD' },
    { verb: 'DEL', netns: '', before: removeContainer },
  ]),
  row(
    'DEL when the interface is gone',
    { isGateway: true, ipMasq: true },
    [{ verb: 'ADD' }, { verb: 'DEL', before: 'cn a ip link del eth0' }],
    { needs: ['iptables'] },
  ),
  row('DEL when the bridge is gone', { isGateway: true }, [
    { verb: 'ADD' },
    { verb: 'DEL', before: 'ip link del br1' },
  ]),
  row(
    'DEL when an address was added',
    { isGateway: true, ipMasq: true },
    [
      { verb: 'ADD' },
      { verb: 'DEL', before: 'cn a ip addr add 10.77.0.1/24 dev eth0', flaw: /does not exist/ },
    ],
    { needs: ['iptables'] },
  ),
]

const fails = (says: RegExp): Pick<Step, 'verb' | 'fails'> => ({
  verb: 'CHECK',
  fails: { code: 999, says },
})
const broken = (name: string, before: string, says: RegExp, options: JsonObject = {}): Row =>
  row(`CHECK notices ${name}`, { isDefaultGateway: true, ...options }, [
    { verb: 'ADD' },
    { ...fails(says), before },
    { verb: 'DEL' },
  ])

const checks: readonly Row[] = [
  broken('a missing interface', 'cn a ip link del eth0', /eth0|link/i),
  broken('a missing address', 'cn a ip addr del 10.1.0.2/24 dev eth0', /10\.1\.0\.2|address|ip/i),
  broken('a missing route', 'cn a ip route del default', /route|0\.0\.0\.0/i),
  broken(
    'another hardware address',
    'cn a ip link set eth0 address 02:00:00:00:00:77',
    /mac|hardware/i,
  ),
  broken('a missing bridge', 'ip link del br1', /br1|bridge|link/i),
  broken(
    'a missing lease',
    'rm /var/lib/cni/networks/parity/10.1.0.2',
    /parity-a|lease|10\.1\.0\.2/,
  ),
  broken('promisc that was lost', 'ip link set br1 promisc off', /promisc/i, { promiscMode: true }),
  row(
    'CHECK below cniVersion 0.4.0',
    {},
    [
      { verb: 'ADD' },
      { verb: 'CHECK', fails: { code: 1, says: /CHECK|version/ } },
      { verb: 'DEL' },
    ],
    { cniVersion: '0.3.1' },
  ),
  row('CHECK without a result', {}, [
    { verb: 'CHECK', fails: { code: 999, says: /prevResult|Failed to find|no address/ } },
  ]),
  row('CHECK is not for a port without hairpin', { hairpinMode: true }, [
    { verb: 'ADD' },
    { verb: 'CHECK', before: 'bridge link set dev $(ls /sys/class/net | grep veth) hairpin off' },
    { verb: 'DEL' },
  ]),
  row('life in a namespace below /proc', {}, each(life, { netns: '/proc/self/root/run/netns/a' })),
]

/** The rows about failures. */
export const bridgeFailureRows: readonly Row[] = [
  ...configurations,
  ...nodes,
  ...forgiveness,
  ...checks,
]
