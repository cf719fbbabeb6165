/** Decides which configurations of the loopback plugin are compared (reference/plugins-and-ip.md 7.1). */
import { each, failing, life, type Row, removeContainer, type Step, shortLife } from '../row.js'
import { four } from './ipam.js'

const row = (
  name: string,
  more: Partial<Row> = {},
  steps: readonly Step[] = each(life, { ifname: 'lo' }),
): Row => ({ name: `loopback: ${name}`, plugins: [{ type: 'loopback' }], steps, ...more })

const flawedResult = 'v1.1.1 prints the form of 1.0.0 whatever the version'

/** The rows of loopback. */
export const loopbackRows: readonly Row[] = [
  row('alone'),
  row('under another interface name', {}, each(life, { ifname: 'eth0' })),
  row('when lo is up', { setup: 'cn a ip link set lo up' }),
  row(
    'after a bridge',
    {
      plugins: [{ type: 'bridge', bridge: 'br1', ipam: four }, { type: 'loopback' }],
    },
    life,
  ),
  row('cniVersion 0.2.0', { cniVersion: '0.2.0', flawedResult }, each(shortLife, { ifname: 'lo' })),
  row('cniVersion 0.3.1', { cniVersion: '0.3.1', flawedResult }, each(shortLife, { ifname: 'lo' })),
  row('cniVersion 0.4.0', { cniVersion: '0.4.0', flawedResult }),
  row('without IPv6', { setup: 'cn a sh -c "echo 1 > /proc/sys/net/ipv6/conf/lo/disable_ipv6"' }),
  row(
    'an address on lo that is not for loopback',
    {
      setup: 'cn a ip addr add 10.3.0.1/32 dev lo',
    },
    each(failing(/loopback|10\.3\.0\.1/i), { ifname: 'lo' }),
  ),
  row('CHECK notices lo that is down', {}, [
    { verb: 'ADD', ifname: 'lo' },
    {
      verb: 'CHECK',
      ifname: 'lo',
      before: 'cn a ip link set lo down',
      fails: { code: 999, says: /down|up/i },
    },
    { verb: 'DEL', ifname: 'lo' },
  ]),
  row(
    'a namespace that is gone',
    {},
    failing(/netns|namespace|\/run\/netns\/none/, {
      ifname: 'lo',
      netns: '/run/netns/none',
    }),
  ),
  row('DEL without a namespace', {}, [
    { verb: 'ADD', ifname: 'lo' },
    { verb: 'DEL', ifname: 'lo', netns: '', before: removeContainer },
  ]),
]
