/** Decides which configurations of the macvlan plugin are compared (reference/plugins-and-ip.md 7.4). */
import type { JsonObject } from '../../../lib/cni/json.js'
import {
  each,
  failing,
  life,
  type Row,
  refused,
  removeContainer,
  type Step,
  shortLife,
  twoLives,
} from '../row.js'
import { both, fixed, four, six } from './ipam.js'

const row = (
  name: string,
  options: JsonObject,
  more: Partial<Row> = {},
  steps: readonly Step[] = life,
): Row => ({
  name: `macvlan: ${name}`,
  plugins: [{ type: 'macvlan', master: 'up0', ...options }],
  steps,
  ...more,
})

const mac = '02:11:22:33:44:55'

const successes: readonly Row[] = [
  row('IPv4', { ipam: four }),
  row('IPv6', { ipam: six }),
  row('both families', { ipam: both }),
  row(
    'both families with the kernel looking for duplicates',
    { ipam: both },
    { findDuplicates: true },
    shortLife,
  ),
  row('mode bridge', { mode: 'bridge', ipam: four }),
  row('mode private', { mode: 'private', ipam: four }),
  row('mode vepa', { mode: 'vepa', ipam: four }),
  row('mode passthru', { mode: 'passthru', ipam: four }),
  row('the default master', { master: '', ipam: four }),
  row(
    'the default master among two default routes',
    { master: '', ipam: four },
    {
      setup:
        'ip addr add 198.51.100.1/24 dev up1; ip route add default via 198.51.100.9 dev up1 metric 50',
    },
  ),
  row("mtu under the master's", { mtu: 1400, ipam: four }),
  row('mtu of the master', { mtu: 1500, ipam: four }),
  row('mtu 0', { mtu: 0, ipam: four }),
  row('a master with another mtu', { ipam: four }, { setup: 'ip link set up0 mtu 1280' }),
  row('a master with another queue', { ipam: four }, { setup: 'ip link set up0 txqueuelen 77' }),
  row('mac by the configuration', { mac, ipam: four }),
  row(
    'mac by CNI_ARGS',
    { ipam: four },
    {},
    each(life, { args: `IgnoreUnknown=1;K8S_POD_NAME=p;MAC=${mac}` }),
  ),
  row('mac by runtimeConfig', { ipam: four, runtimeConfig: { mac } }),
  row('mac by args.cni.mac', { ipam: four, args: { cni: { mac: '02:00:00:00:00:09' } } }),
  row(
    'mac by all of its ways',
    { mac: '02:00:00:00:00:01', ipam: four, runtimeConfig: { mac: '02:00:00:00:00:03' } },
    {},
    each(life, { args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:02' }),
  ),
  row(
    'mac by the configuration and CNI_ARGS',
    { mac: '02:00:00:00:00:01', ipam: four },
    {},
    each(life, { args: 'IgnoreUnknown=1;MAC=02:00:00:00:00:02' }),
  ),
  row('without IPAM', {}),
  row('with an empty IPAM', { ipam: {} }),
  row('dns of the configuration', { dns: { nameservers: ['10.1.0.1'] }, ipam: four }),
  row('dns of IPAM', { ipam: fixed([['10.1.0.9/24']], { dns: { nameservers: ['10.9.9.9'] } }) }),
  row('routes with and without a gateway', {
    ipam: {
      ...both,
      routes: [
        { dst: '0.0.0.0/0' },
        { dst: '10.8.0.0/16', gw: '10.1.0.9' },
        { dst: '::/0' },
        { dst: 'fd00:8::/64', gw: 'fd00:1::9' },
      ],
    },
  }),
  row('an address outside of every gateway', {
    ipam: fixed([['10.1.0.9/24']], { routes: [{ dst: '10.7.0.0/16' }] }),
  }),
  row(
    'a container without IPv6',
    { ipam: both },
    {
      setup: `cn a sh -c 'for place in all default lo; do echo 1 > /proc/sys/net/ipv6/conf/$place/disable_ipv6; done'`,
    },
  ),
  row('two containers on one master', { ipam: both }, {}, twoLives),
  row('cniVersion 0.2.0', { ipam: both }, { cniVersion: '0.2.0' }, shortLife),
  row('cniVersion 0.3.1', { ipam: both }, { cniVersion: '0.3.1' }, shortLife),
  row('cniVersion 0.4.0', { ipam: both }, { cniVersion: '0.4.0' }),
  row('without IPAM, cniVersion 0.2.0', {}, { cniVersion: '0.2.0' }, failing(/IP address|convert/)),
]

const failures: readonly Row[] = [
  row('unknown mode', { mode: 'none', ipam: four }, {}, failing(/mode.*none/)),
  row('a master that is missing', { master: 'none0', ipam: four }, {}, refused(/not found|none0/i)),
  row(
    'no default route to name a master',
    { master: '', ipam: four },
    { setup: 'ip route del default' },
    refused(/default/i),
  ),
  row("mtu over the master's", { mtu: 1600, ipam: four }, {}, refused(/MTU 1600/i)),
  row('a negative mtu', { mtu: -1, ipam: four }, {}, refused(/MTU -1/i)),
  row(
    'mtu under what a link can have',
    { mtu: 10, ipam: four },
    {},
    failing(/invalid argument|mtu|numerical/i),
  ),
  row('mtu that is no number', { mtu: 'big', ipam: four }, {}, refused(/mtu/)),
  row('mac that is none', { mac: 'none', ipam: four }, {}, failing(/none/)),
  row('mac of a group', { mac: '01:00:5e:00:00:01', ipam: four }, {}, failing(/macvlan|address/i)),
  row(
    'mac of the master',
    { mac: '02:00:00:00:00:10', ipam: four },
    {
      setup: 'ip link set up0 address 02:00:00:00:00:10',
    },
    failing(/in use|macvlan/i),
  ),
  row(
    'an unknown key in CNI_ARGS',
    { ipam: four },
    {},
    refused(/UNKNOWN|unknown/, { args: 'UNKNOWN=1' }),
  ),
  row(
    'an interface that exists',
    { ipam: four },
    {
      setup: 'cn a ip link add eth0 type veth peer name eth0peer',
    },
    failing(/eth0.*exists|exists.*eth0/),
  ),
  row('ADD twice', { ipam: fixed([['10.1.0.9/24']]) }, {}, [
    { verb: 'ADD' },
    { verb: 'ADD', fails: { code: 999, says: /eth0.*exists/ } },
    { verb: 'DEL' },
  ]),
  row(
    'an IPAM plugin that is not there',
    { ipam: { type: 'none-such' } },
    {},
    refused(/none-such/),
  ),
  row(
    'IPAM without an address',
    { ipam: { type: 'static' } },
    {},
    failing(/missing IP|no.*address/i),
  ),
  row('passthru of a master that is taken', { mode: 'passthru', ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'ADD', container: 'b', fails: { code: 999, says: /macvlan|invalid|busy/i } },
    { verb: 'CHECK' },
    { verb: 'DEL' },
  ]),
  row(
    'a namespace that is gone',
    { ipam: four },
    {},
    failing(/netns|namespace/, { netns: '/run/netns/none' }),
  ),
]

const forgiveness: readonly Row[] = [
  row('DEL of what was never there', { ipam: four }, {}, [{ verb: 'DEL' }]),
  row('DEL when the namespace is gone', { ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'DEL', before: removeContainer },
  ]),
  row('DEL without a namespace', { ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'DEL', netns: '', before: removeContainer },
  ]),
  row('DEL when the master is gone', { ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'DEL', before: 'ip link del up0', flaw: /not found|up0/i },
  ]),
  row('CHECK notices another mode', { ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'CHECK', change: { mode: 'vepa' }, fails: { code: 999, says: /mode/i } },
    { verb: 'DEL' },
  ]),
  row('CHECK notices another hardware address', { ipam: four }, {}, [
    { verb: 'ADD' },
    {
      verb: 'CHECK',
      before: 'cn a ip link set eth0 address 02:00:00:00:00:77',
      fails: { code: 999, says: /mac|hardware/i },
    },
    { verb: 'DEL' },
  ]),
  row('CHECK notices a missing interface', { ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'CHECK', before: 'cn a ip link del eth0', fails: { code: 999, says: /eth0|link/i } },
    { verb: 'DEL' },
  ]),
]

/** The rows of macvlan. */
export const macvlanRows: readonly Row[] = [...successes, ...failures, ...forgiveness]
