/** Decides which configurations of static are compared, behind a bridge (reference/plugins-and-ip.md 7.5). */
import type { JsonObject } from '../../../lib/cni/json.js'
import { each, failing, life, type Row, type Step, shortLife } from '../row.js'

const row = (
  name: string,
  ipam: JsonObject,
  more: Partial<Row> = {},
  steps: readonly Step[] = shortLife,
  options: JsonObject = {},
): Row => ({
  name: `static: ${name}`,
  plugins: [{ type: 'bridge', bridge: 'br1', ipam: { type: 'static', ...ipam }, ...options }],
  steps,
  ...more,
})

const address = '10.1.0.9/24'
const one = { addresses: [{ address, gateway: '10.1.0.1' }] }

/** The rows of static. */
export const staticRows: readonly Row[] = [
  row('one address', one, {}, life),
  row('an address without a gateway', { addresses: [{ address }] }),
  row(
    'both families',
    { addresses: [{ address }, { address: 'fd00:1::9/64', gateway: 'fd00:1::1' }] },
    {},
    life,
  ),
  row('an IPv6 address in another spelling', { addresses: [{ address: 'fd00:1:0:0::0009/64' }] }),
  row('two addresses of one family', { addresses: [{ address }, { address: '10.2.0.9/24' }] }),
  row('routes and dns', {
    ...one,
    routes: [{ dst: '0.0.0.0/0' }, { dst: '10.7.0.0/16', gw: '10.1.0.77' }],
    dns: {
      nameservers: ['10.9.9.9'],
      domain: 'a.example',
      search: ['b.example'],
      options: ['ndots:2'],
    },
  }),
  row(
    'address by CNI_ARGS',
    {},
    {},
    each(shortLife, { args: `IgnoreUnknown=1;IP=${address};GATEWAY=10.1.0.1` }),
  ),
  row(
    'addresses by CNI_ARGS',
    {},
    {},
    each(shortLife, {
      args: `IgnoreUnknown=1;IP=${address},fd00:1::9/64;GATEWAY=10.1.0.1,fd00:1::1`,
    }),
  ),
  row(
    'CNI_ARGS after the configuration',
    { addresses: [{ address: '10.2.0.9/24' }] },
    {},
    each(shortLife, { args: `IgnoreUnknown=1;IP=${address}` }),
  ),
  row('address by args.cni.ips', one, {}, shortLife, { args: { cni: { ips: ['10.1.0.77/24'] } } }),
  row('address by runtimeConfig.ips', one, {}, shortLife, {
    runtimeConfig: { ips: ['10.1.0.77/24', 'fd00:1::77/64'] },
  }),
  row(
    'address by all of its ways',
    one,
    {},
    each(shortLife, { args: 'IgnoreUnknown=1;IP=10.1.0.70/24' }),
    {
      args: { cni: { ips: ['10.1.0.71/24'] } },
      runtimeConfig: { ips: ['10.1.0.72/24'] },
    },
  ),
  row(
    'cniVersion 0.2.0',
    { addresses: [{ address }, { address: 'fd00:1::9/64' }] },
    { cniVersion: '0.2.0' },
  ),
  row(
    'two addresses of one family at cniVersion 0.2.0',
    { addresses: [{ address }, { address: '10.2.0.9/24' }] },
    { cniVersion: '0.2.0' },
    failing(/0\.2\.0|0\.3\.0|CNI version/),
  ),
  row(
    'an address without a prefix',
    { addresses: [{ address: '10.1.0.9' }] },
    {},
    failing(/10\.1\.0\.9|CIDR/),
  ),
  row('an address that is none', { addresses: [{ address: 'none' }] }, {}, failing(/none|CIDR/)),
  row(
    'a gateway that is none',
    { addresses: [{ address, gateway: 'none' }] },
    {},
    failing(/none|IP/i),
  ),
  row(
    'a CNI_ARGS address without a prefix',
    {},
    {},
    failing(/10\.1\.0\.9|CIDR/, { args: 'IgnoreUnknown=1;IP=10.1.0.9' }),
  ),
  row(
    'a CNI_ARGS gateway that is none',
    one,
    {},
    failing(/none|gateway/i, { args: 'IgnoreUnknown=1;GATEWAY=none' }),
  ),
  row('a runtimeConfig address without a prefix', {}, {}, failing(/10\.1\.0\.9|CIDR/), {
    runtimeConfig: { ips: ['10.1.0.9'] },
  }),
  row(
    'a route that is none',
    { ...one, routes: [{ dst: '10.7.0.0' }] },
    {},
    failing(/10\.7\.0\.0|CIDR/),
  ),
]
