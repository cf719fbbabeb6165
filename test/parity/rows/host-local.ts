/** Decides which configurations of host-local are compared, behind a bridge (reference/plugins-and-ip.md 7.6). */
import type { JsonObject } from '../../../lib/cni/json.js'
import { each, failing, life, type Row, refused, type Step, shortLife } from '../row.js'
import { both, four } from './ipam.js'

const row = (
  name: string,
  ipam: JsonObject,
  more: Partial<Row> = {},
  steps: readonly Step[] = shortLife,
  options: JsonObject = {},
): Row => ({
  name: `host-local: ${name}`,
  plugins: [{ type: 'bridge', bridge: 'br1', ipam: { type: 'host-local', ...ipam }, ...options }],
  steps,
  ...more,
})

const directory = '/var/lib/cni/networks/parity'
const lease = (address: string, owner = 'other\\r\\neth0'): string =>
  `mkdir -p ${directory}; printf '${owner}' > ${directory}/${address};`
const last = (address: string, set = 0): string =>
  `mkdir -p ${directory}; printf '${address}' > ${directory}/last_reserved_ip.${set};`
const subnet = '10.1.0.0/24'
const resolvConf =
  'nameserver 10.9.9.9\\n; comment\\ndomain a.example\\nsearch b.example c.example\\noptions ndots:2 edns0\\n'

const allocation: readonly Row[] = [
  row('subnet alone', { subnet }, {}, life),
  row('rangeStart and rangeEnd', { subnet, rangeStart: '10.1.0.20', rangeEnd: '10.1.0.30' }),
  row('gateway inside the range', { subnet, rangeStart: '10.1.0.20', gateway: '10.1.0.20' }),
  row('several range sets', {
    ranges: [[{ subnet }], [{ subnet: '10.2.0.0/24' }], [{ subnet: 'fd00:1::/64' }]],
  }),
  row(
    'several ranges in one set',
    {
      ranges: [
        [{ subnet, rangeStart: '10.1.0.9', rangeEnd: '10.1.0.9' }, { subnet: '10.2.0.0/24' }],
      ],
    },
    { setup: lease('10.1.0.9') },
  ),
  row('subnet beside ranges', { subnet, ranges: [[{ subnet: '10.2.0.0/24' }]] }),
  row('an IPv6 range', {
    ranges: [[{ subnet: 'fd00:1::/64', rangeStart: 'fd00:1::ff', rangeEnd: 'fd00:1::1:0' }]],
  }),
  row('goes on after the last address', { subnet }, { setup: last('10.1.0.77') }),
  row(
    'goes round at the end',
    { subnet, rangeStart: '10.1.0.10', rangeEnd: '10.1.0.12' },
    { setup: last('10.1.0.12') },
  ),
  row('passes over what is taken', { subnet }, { setup: lease('10.1.0.2') + lease('10.1.0.3') }),
  row('a last address outside of the range', { subnet }, { setup: last('10.9.9.9') }),
  row('a last address that is none', { subnet }, { setup: last('none') }),
  row('the smallest subnet', { subnet: '10.1.0.0/30' }),
  row('a /29 with its gateway at the end', { subnet: '10.1.0.0/29', gateway: '10.1.0.6' }),
  row('gateway outside of the subnet', { subnet, gateway: '10.9.0.1' }),
  row('dataDir', { subnet, dataDir: '/var/lib/leases' }),
  {
    name: 'host-local: resolvConf',
    // A bridge does not pass the dns of IPAM on.
    plugins: [
      { type: 'ptp', ipam: { type: 'host-local', subnet, resolvConf: '/run/resolv.conf' } },
    ],
    setup: `printf '${resolvConf}' > /run/resolv.conf`,
    steps: shortLife,
  },
  row('routes', { subnet, routes: [{ dst: '10.7.0.0/16' }, { dst: '0.0.0.0/0', gw: '10.1.0.9' }] }),
  row(
    'lease of another is kept by DEL',
    { subnet },
    { setup: lease('10.1.0.9') + lease('10.1.0.10', 'parity-a\\r\\nnet1') },
  ),
  row(
    'DEL removes a lease without an interface name',
    { subnet },
    { setup: lease('10.1.0.9', 'parity-a') },
    [{ verb: 'DEL' }],
  ),
  row('two containers, then a third address', { subnet }, {}, [
    { verb: 'ADD' },
    { verb: 'ADD', container: 'b' },
    { verb: 'DEL' },
    { verb: 'ADD' },
    { verb: 'DEL', container: 'b' },
    { verb: 'DEL' },
  ]),
]

const wanted = '10.1.0.99'
const requests: readonly Row[] = [
  row(
    'address by CNI_ARGS',
    { subnet },
    {},
    each(shortLife, { args: `IgnoreUnknown=1;IP=${wanted}` }),
  ),
  row(
    'address by CNI_ARGS with a prefix',
    { subnet },
    {},
    each(shortLife, { args: `IgnoreUnknown=1;IP=${wanted}/24` }),
  ),
  row('address by args.cni.ips', { subnet }, {}, shortLife, { args: { cni: { ips: [wanted] } } }),
  row('address by runtimeConfig.ips', { subnet }, {}, shortLife, {
    runtimeConfig: { ips: [wanted] },
  }),
  row('address by runtimeConfig.ips with a prefix', { subnet }, {}, shortLife, {
    runtimeConfig: { ips: [`${wanted}/24`] },
  }),
  row('addresses of both families', both, {}, shortLife, {
    runtimeConfig: { ips: [wanted, 'fd00:1::99'] },
  }),
  row('ranges by runtimeConfig.ipRanges', {}, {}, shortLife, {
    runtimeConfig: { ipRanges: [[{ subnet: '10.6.0.0/24' }], [{ subnet: 'fd00:6::/64' }]] },
  }),
  row('ranges by runtimeConfig.ipRanges and by the configuration', { subnet }, {}, shortLife, {
    runtimeConfig: { ipRanges: [[{ subnet: '10.6.0.0/24' }]] },
  }),
]

const bad = (
  name: string,
  ipam: JsonObject,
  says: RegExp,
  more: Partial<Row> = {},
  step: Partial<Step> = {},
  options: JsonObject = {},
): Row => row(name, ipam, more, failing(says, step), options)

const failures: readonly Row[] = [
  bad(
    'an exhausted range',
    { subnet, rangeStart: '10.1.0.9', rangeEnd: '10.1.0.9' },
    /no IP addresses available|exhausted|10\.1\.0\.9/,
    {
      setup: lease('10.1.0.9'),
    },
  ),
  bad(
    'the second set is exhausted',
    {
      ranges: [
        [{ subnet }],
        [{ subnet: '10.2.0.0/24', rangeStart: '10.2.0.9', rangeEnd: '10.2.0.9' }],
      ],
    },
    /range 1|no IP addresses|10\.2\.0\.9/,
    {
      setup: lease('10.2.0.9'),
    },
  ),
  bad(
    'a requested address that is taken',
    { subnet },
    /10\.1\.0\.99/,
    { setup: lease(wanted) },
    { args: `IgnoreUnknown=1;IP=${wanted}` },
  ),
  bad(
    'a requested address outside of the range',
    { subnet },
    /10\.9\.0\.1/,
    {},
    { args: 'IgnoreUnknown=1;IP=10.9.0.1' },
  ),
  bad(
    'a requested address that is the gateway',
    { subnet },
    /10\.1\.0\.1|gateway/,
    {},
    { args: 'IgnoreUnknown=1;IP=10.1.0.1' },
  ),
  row(
    'a requested address that is none',
    { subnet },
    {},
    refused(/IP|address/i, { args: 'IgnoreUnknown=1;IP=none' }),
  ),
  bad(
    'more requested addresses than range sets',
    { subnet },
    /10\.1\.0\.98|10\.1\.0\.99/,
    {},
    {},
    { runtimeConfig: { ips: [wanted, '10.1.0.98'] } },
  ),
  row(
    'an address that the container has already',
    { subnet },
    { setup: lease('10.1.0.9', 'parity-a\\r\\neth0') },
    failing(/duplicate|already|allocated/),
  ),
  row('no range at all', {}, {}, refused(/range/i)),
  row(
    'a subnet with host bits',
    { subnet: '10.1.0.5/24' },
    {},
    refused(/10\.1\.0|subnet|network/i),
  ),
  row(
    'a subnet that is too small',
    { subnet: '10.1.0.0/31' },
    {},
    refused(/too small|10\.1\.0\.0\/31/i),
  ),
  row('a subnet that is none', { subnet: 'none' }, {}, refused(/none|CIDR/i)),
  row(
    'rangeStart outside of the subnet',
    { subnet, rangeStart: '10.9.0.1' },
    {},
    refused(/10\.9\.0\.1|rangeStart/i),
  ),
  row(
    'rangeEnd before rangeStart',
    { subnet, rangeStart: '10.1.0.50', rangeEnd: '10.1.0.40' },
    {},
    refused(/10\.1\.0\.[45]0|range/i),
  ),
  row(
    'overlapping ranges',
    { ranges: [[{ subnet }], [{ subnet: '10.1.0.0/16' }]] },
    {},
    refused(/overlap/i),
  ),
  row(
    'two families in one set',
    { ranges: [[{ subnet }, { subnet: 'fd00:1::/64' }]] },
    {},
    refused(/famil|mixed|mismatch/i),
  ),
  row('a route that is none', { subnet, routes: [{ dst: 'none' }] }, {}, refused(/none|CIDR/i)),
  bad('resolvConf that is missing', { subnet, resolvConf: '/run/none.conf' }, /none\.conf/),
]

/** The rows of host-local. */
export const hostLocalRows: readonly Row[] = [
  ...allocation,
  ...requests,
  ...failures,
  row('CHECK notices a missing lease', four, {}, [
    { verb: 'ADD' },
    {
      verb: 'CHECK',
      before: `rm ${directory}/10.1.0.2`,
      fails: { code: 999, says: /parity-a|lease|10\.1\.0\.2/ },
    },
    { verb: 'DEL' },
  ]),
]
