/** Decides what is right: valid inputs of every decoder, as texts. Fuzzed inputs are made of these. */
import { encodeCached } from '../../lib/cni/cache.js'
import { plan, readCatalogue } from '../../lib/index.js'
import { addCommand, lastRecord, planOf, play, refused, success } from '../engine/harness.js'

const json = (value: unknown): string => JSON.stringify(value)

const current = {
  cniVersion: '1.1.0',
  interfaces: [
    { name: 'cni0', mac: '00:11:22:33:44:55', mtu: 1500 },
    { name: 'eth0', mac: '99:88:77:66:55:44', sandbox: '/run/netns/blue', pciID: '0000:01:00.0' },
  ],
  ips: [
    { address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 1 },
    { address: '2001:db8::5/64', gateway: '2001:db8::1', interface: 1 },
  ],
  routes: [
    { dst: '0.0.0.0/0', mtu: 1400, advmss: 1360, priority: 10, table: 100, scope: 0 },
    { dst: '::/0', gw: '2001:db8::1' },
  ],
  dns: { nameservers: ['8.8.8.8'], domain: 'a.example', search: ['b'], options: ['ndots:5'] },
}
const labelled = {
  ...current,
  cniVersion: '0.4.0',
  ips: [{ version: '4', address: '10.1.0.5/16', gateway: '10.1.0.1', interface: 0 }],
}
const legacy = {
  cniVersion: '0.2.0',
  ip4: { ip: '10.1.2.3/24', gateway: '10.1.2.1', routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }] },
  ip6: { ip: 'abcd:1234:ffff::cdde/64', routes: [{ dst: '1111:dddd::/80' }] },
  dns: { nameservers: ['8.8.8.8'] },
}

export const results = [current, labelled, legacy, { cniVersion: '1.0.0' }].map(json)

const bridge = {
  cniVersion: '1.1.0',
  name: 'front',
  type: 'bridge',
  capabilities: { ips: true, mac: true, portMappings: false },
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.1.0.0/16' }]] },
  dns: { nameservers: ['10.1.0.1'] },
}
const list = {
  cniVersion: '1.1.0',
  cniVersions: ['0.4.0', '1.0.0', '1.1.0'],
  name: 'back',
  disableCheck: false,
  disableGC: 'true',
  plugins: [bridge, { type: 'tuning', capabilities: { mac: true }, sysctl: { 'net.x': '1' } }],
}

export const singles = [bridge, { name: 'a', type: 'b' }].map(json)
export const lists = [list, { name: 'a', plugins: [{ type: 'b' }] }].map(json)

export const requests = [
  { ...bridge, prevResult: current },
  { ...bridge, cniVersion: '0.4.0', prevResult: legacy, runtimeConfig: { ips: ['10.1.0.9/16'] } },
  {
    ...bridge,
    'cni.dev/valid-attachments': [{ containerID: 'c1', ifname: 'eth0' }],
    'cni.dev/attachments': null,
  },
  { name: 'a' },
].map(json)

export const metaConfigurations = [
  {
    cniVersion: '1.0.0',
    name: 'node',
    type: 'multus',
    kubeconfig: '/root/.kube/config',
    defaultDelegates: 'front,back',
    confDir: '/etc/cni/net.d',
    cniDir: '/var/lib/cni/multus',
    binDir: '/opt/cni/bin',
    logFile: '/var/log/multus.log',
    LogLevel: 'debug',
    timeout: 30,
    runtimeConfig: { portMappings: [{ hostPort: 80, containerPort: 8080, protocol: 'tcp' }] },
    capabilities: { portMappings: true },
  },
  { defaultDelegates: '[{"name":"front"}]' },
].map(json)

export const jsonAnnotations = [
  [
    { name: 'front' },
    { name: 'back', namespace: 'shop', interface: 'eth5', ips: ['10.1.0.9/16'] },
    {
      name: 'back',
      interfaceRequest: 'net7',
      macRequest: '0a:58:0a:f4:02:06',
      ipRequest: '10.1.0.9',
    },
    { name: 'front', mac: '0A-58-0A-F4-02-07', ips: '10.1.0.7/16,fe80::7/64', 'example.com/x': 1 },
  ],
  [],
].map(json)
export const shortAnnotations = [
  'front',
  'front,back@eth5',
  ' shop/back@net1 , front , back',
  'a,b,c,',
]

/** Definitions of the networks that the annotations name. */
export const catalogue = readCatalogue([
  { source: 'net.d/front.conf', text: json(bridge) },
  { source: 'net.d/back.conflist', text: json(list) },
])

const two = planOf({ front: ['bridge', 'tuning'], back: ['ptp'] })
const answers = { 'ADD bridge eth0': success(current), 'ADD ptp eth1': success(legacy) }
const added = lastRecord(play(addCommand(two), { answers }))
const failing = { 'ADD ptp eth1': refused(1, 'no'), 'DEL ptp eth1': refused(1, 'no') }
const broken = lastRecord(play(addCommand(two), { answers: failing }))

export const records = [added, broken].map(json)

export const foreignRecords = [
  [
    {
      Conf: { name: 'front', cniVersion: '0.3.1', type: 'bridge' },
      ConfList: null,
      ifnameRequest: '',
      masterPlugin: true,
      Bytes: btoa(json(bridge)),
    },
    { ConfList: list, ifnameRequest: 'net1', Bytes: btoa(json(list)) },
  ],
  null,
  [],
].map(json)

export const cacheFiles = [
  encodeCached({
    containerId: 'c1',
    ifname: 'eth0',
    networkName: 'back',
    netns: '/run/netns/blue',
    cniArgs: [['K8S_POD_NAME', 'web']],
    capabilityArgs: { ips: ['10.1.0.9/16'] },
    config: json(list),
    result: current,
    request: { ifname: 'eth0', position: 0 },
  }),
  encodeCached({
    containerId: 'c1',
    ifname: 'net1',
    networkName: 'front',
    config: json(bridge),
    result: legacy,
  }),
].map(json)

const planned = plan({ networks: 'front,back@net7', catalogue })

export const plans = [json(two), json(planned.ok ? planned.plan : planned.partial)]

export const versionReplies = [
  { cniVersion: '1.1.0', supportedVersions: ['0.1.0', '0.4.0', '1.0.0', '1.1.0'] },
  { cniVersion: '0.2.0' },
].map(json)

export const errors = [
  { cniVersion: '1.0.0', code: 11, msg: 'try again', details: 'busy' },
  { code: 999, msg: 'no' },
].map(json)

export const args = [
  'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=4d1c;K8S_POD_UID=5e0f',
  'IP=10.0.0.5;GATEWAY=10.0.0.1;MAC=0a:58:0a:f4:02:06',
  '',
]

export const words = [
  'login to http://admin:a@host/ with --password "a b" and password=c; token: \'d\'',
  'curl -u admin:a -H "Authorization: Bearer b" https://host/?sig=c&se=d',
  '{"pass":"a","note":"{\\"key\\":\\"b\\"}","args":["--psk","c"]}',
  'the password is "a", via admin:b@proxy:3128\nCookie: c=d; e=f',
]

export const resolvConfs = [
  '# made by hand\nnameserver 10.0.0.10\nnameserver fe80::1\ndomain a.example\nsearch b.example c\noptions ndots:5 timeout:2\n',
  'nameserver\t8.8.8.8\r\nsearch a\nsearch\n;x\n',
]

export const hostLocals = [
  {
    cniVersion: '1.0.0',
    name: 'front',
    ipam: {
      type: 'host-local',
      ranges: [
        [
          {
            subnet: '10.1.0.0/29',
            rangeStart: '10.1.0.2',
            rangeEnd: '10.1.0.5',
            gateway: '10.1.0.1',
          },
        ],
        [{ subnet: '2001:db8::/64' }],
      ],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0', gw: '2001:db8::1' }],
      dataDir: '/run/metacni',
      resolvConf: '/etc/resolv.conf',
    },
    args: { cni: { ips: ['10.1.0.3'] } },
    runtimeConfig: { ips: ['2001:db8::7/64'], ipRanges: [[{ subnet: '10.2.0.0/24' }]] },
  },
  { name: 'a', ipam: { type: 'host-local', subnet: '10.3.0.0/24' } },
].map(json)

export const pools = [
  {
    reservations: { '10.1.0.2': { containerId: 'c1', ifname: 'eth0' } },
    last: { 0: '10.1.0.2', 1: '2001:db8::2' },
  },
].map(json)

export const statics = [
  {
    cniVersion: '1.0.0',
    name: 'front',
    ipam: {
      type: 'static',
      addresses: [{ address: '10.1.0.5/16', gateway: '10.1.0.1' }, { address: '2001:db8::5/64' }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }],
      dns: { nameservers: ['8.8.8.8'] },
    },
    args: { cni: { ips: [] } },
    runtimeConfig: { ips: ['10.1.0.9/16'] },
  },
  { name: 'a', ipam: { type: 'static' } },
].map(json)

export const addresses = [
  '10.1.0.5/16',
  '255.255.255.255',
  '2001:db8::5/64',
  '::ffff:10.1.0.5/120',
  '1:2:3:4:5:6:1.2.3.4',
  '0a:58:0a:f4:02:06',
  '1.1.0',
  'eth0',
]

export const manifests = [
  `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
    tke.cloud.tencent.com/networks: front,back@eth5
spec:
  containers: []
`,
  `kind: Deployment
spec:
  template:
    metadata: &meta
      annotations: {"k8s.v1.cni.cncf.io/networks": '[{"name": "front"}]'}
---
kind: List
items:
- kind: Pod
  metadata: {name: a}
- kind: Pod
  metadata:
    name: b
    annotations:
      x: >-
        folded
        text
      y: &anchor |
        block
      z: *anchor
`,
  json({ kind: 'Pod', metadata: { name: 'web', annotations: { a: 'b' } } }),
]
