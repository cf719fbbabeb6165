/** Decides which configurations of the ptp plugin are compared (reference/plugins-and-ip.md 7.3). */
import type { JsonObject } from '../../../lib/cni/json.js'
import {
  failing,
  flawedCheck,
  life,
  type Row,
  refused,
  removeContainer,
  type Step,
  shortLife,
  twoLives,
} from '../row.js'
import { both, fixed, four, ranges, six } from './ipam.js'

const row = (
  name: string,
  options: JsonObject,
  more: Partial<Row> = {},
  steps: readonly Step[] = life,
): Row => ({ name: `ptp: ${name}`, plugins: [{ type: 'ptp', ...options }], steps, ...more })

const masquerade = { needs: ['iptables'] } as const

/** The rows of ptp. */
export const ptpRows: readonly Row[] = [
  row('IPv4', { ipam: four }),
  row('IPv6', { ipam: six }),
  row('both families', { ipam: both }),
  row(
    'IPv6 with the kernel looking for duplicates',
    { ipam: six },
    { findDuplicates: true },
    shortLife,
  ),
  row('default routes', { ipam: { ...both, routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }] } }),
  row(
    'routes with and without a gateway',
    {
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
  row('two IPv4 subnets', { ipam: ranges('10.1.0.0/24', '10.2.0.0/24') }),
  row(
    'two addresses of one subnet',
    {
      ipam: fixed([
        ['10.1.0.8/24', '10.1.0.1'],
        ['10.1.0.9/24', '10.1.0.1'],
      ]),
    },
    {},
    failing(/exists|already/i),
  ),
  row('a /31 address', { ipam: fixed([['10.1.0.9/31', '10.1.0.8']]) }, {}, shortLife),
  row('ipMasq, IPv4', { ipMasq: true, ipam: four }, masquerade),
  row('ipMasq, IPv6', { ipMasq: true, ipam: six }, masquerade),
  row('ipMasq, both families', { ipMasq: true, ipam: both }, masquerade),
  row('mtu', { mtu: 1400, ipam: four }),
  row('dns of the configuration', {
    dns: { nameservers: ['10.1.0.1'], options: ['ndots:3'] },
    ipam: fixed([['10.1.0.9/24', '10.1.0.1']], { dns: { nameservers: ['10.9.9.9'] } }),
  }),
  row('dns of IPAM', {
    ipam: fixed([['10.1.0.9/24', '10.1.0.1']], { dns: { nameservers: ['10.9.9.9'] } }),
  }),
  row('two containers', { ipMasq: true, ipam: both }, masquerade, twoLives),
  row('cniVersion 0.2.0', { ipam: both }, { cniVersion: '0.2.0' }, shortLife),
  row('cniVersion 0.3.1', { ipam: both }, { cniVersion: '0.3.1' }, shortLife),
  row('cniVersion 0.4.0', { ipam: both }, { cniVersion: '0.4.0' }),
  row(
    'forwarding that is on',
    { ipam: both },
    {
      setup:
        'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding',
    },
  ),
  row('no ipam', {}, {}, refused(/plugin name|ipam/i)),
  row('mtu that is no number', { mtu: 'big', ipam: four }, {}, refused(/mtu/)),
  row(
    'IPAM without an address',
    { ipam: { type: 'static' } },
    {},
    failing(/missing IP|no.*address/i),
  ),
  row(
    'an address without a gateway',
    { ipam: fixed([['10.1.0.9/24']]) },
    {},
    failing(/IP addr|gateway/i),
  ),
  row(
    'mtu over what a veth can have',
    { mtu: 70_000, ipam: four },
    {},
    failing(/invalid argument|mtu/i),
  ),
  row(
    'an interface that exists',
    { ipam: four },
    {
      setup: 'cn a ip link add eth0 type veth peer name eth0peer',
    },
    failing(/eth0.*exists/),
  ),
  row('ADD twice', { ipam: fixed([['10.1.0.9/24', '10.1.0.1']]) }, {}, [
    { verb: 'ADD' },
    { verb: 'ADD', fails: { code: 999, says: /eth0.*exists/ } },
    { verb: 'DEL' },
  ]),
  row(
    'a namespace that is gone',
    { ipam: four },
    {},
    failing(/netns|namespace/, { netns: '/run/netns/none' }),
  ),
  row('DEL of what was never there', { ipMasq: true, ipam: four }, masquerade, [{ verb: 'DEL' }]),
  row('DEL when the namespace is gone', { ipMasq: true, ipam: four }, masquerade, [
    { verb: 'ADD' },
    { verb: 'DEL', before: removeContainer },
  ]),
  row('DEL without a namespace', { ipam: four }, {}, [
    { verb: 'ADD' },
    { verb: 'DEL', netns: '', before: removeContainer },
  ]),
  row('CHECK notices a missing address', { ipam: four }, {}, [
    { verb: 'ADD' },
    {
      verb: 'CHECK',
      before: 'cn a ip addr del 10.1.0.2/24 dev eth0',
      fails: { code: 999, says: /10\.1\.0\.2|address|ip/i },
    },
    { verb: 'DEL' },
  ]),
]
