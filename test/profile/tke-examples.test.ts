import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import type { SourceText } from '../../lib/network/network.js'
import type { Pod } from '../../lib/network/pod.js'
import type { PlanInput } from '../../lib/plan/input.js'
import { render, tableOf } from '../../lib/plan/render.js'
import { layout, mustPlan, outcome, planOf } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const root = 'examples/tke'
const read = (file: string): SourceText => ({
  source: file,
  text: readFileSync(join(root, file), 'utf8'),
})
const files = readdirSync(join(root, 'net.d'))
  .sort()
  .map((name) => read(`net.d/${name}`))
const plan = (input: PlanInput) => mustPlan({ files, ...input })
const podOf = (file: string): Pod => {
  const { metadata } = parse(read(file).text) as {
    readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> }
  }
  return { name: metadata.name, annotations: metadata.annotations ?? {}, source: file }
}

const annotated = [
  ['eth0', 'flannel-conf', 'flannel', 'yes', 'Flannel network tap interface'],
  ['eth1', 'sriov-conf', 'sriov', 'no', 'VF of enp12s0f1, assigned by SR-IOV'],
  [
    'north',
    'sriov-vlanid-l2enable-conf',
    'sriov',
    'no',
    'VF of enp2s0 with VLAN ID 210, assigned by SR-IOV',
  ],
]

describe("the pods of the fork's guide (examples/tke)", (it) => {
  const pod = podOf('pods/annotated.yaml')

  it('multus-multi-net-poc gets three interfaces, the third under the name that it asks for', () => {
    assert.is(pod.name, 'multus-multi-net-poc')
    assert.equal(tableOf(plan({ pod, config: read('00-multus.conf') })).rows, annotated)
  })

  it('and gets them whatever defaultDelegates says', () => {
    for (const config of ['00-multus.default-delegate.conf', '00-multus.three-delegates.conf']) {
      assert.equal(tableOf(plan({ pod, config: read(config) })).rows, annotated)
    }
  })

  it('multus-test, without an annotation, gets defaultDelegates', () => {
    const plain = podOf('pods/plain.yaml')
    assert.is(plain.name, 'multus-test')
    const withDefaults = (config: string) => layout(plan({ pod: plain, config: read(config) }))
    assert.is(withDefaults('00-multus.default-delegate.conf'), 'tke-bridge=eth0*')
    assert.is(
      withDefaults('00-multus.three-delegates.conf'),
      'flannel-conf=eth0* sriov-conf=eth1 ptp-conf=eth2',
    )
    const refused = planOf({ files, pod: plain, config: read('00-multus.conf') })
    assert.is(outcome(refused), 'no-networks defaultDelegates#')
  })

  it('are the table of the README', () => {
    const readme = read('README.md').text
    for (const row of annotated) assert.match(readme, `| ${row.join(' | ')} |`)
    const printed = render(plan({ pod }), 'text').split('\n')
    assert.is(printed[0], 'interface  network                     type     primary  description')
    assert.is(
      printed[3],
      'north      sriov-vlanid-l2enable-conf  sriov    no       VF of enp2s0 with VLAN ID 210, assigned by SR-IOV',
    )
  })
})

describe('the four forms of defaultDelegates', (it) => {
  const forms: readonly (readonly [file: string, layout: string])[] = [
    ['json-list', 'flannel-conf=eth0* sriov-conf=eth1 sriov-vlanid-l2enable-conf=north'],
    ['two', 'tke-bridge=eth0* tke-eni-cni=eth1'],
    ['two-with-interface', 'tke-bridge=eth0* tke-eni-cni=net0'],
    ['one', 'tke-bridge=eth0*'],
  ]
  for (const [file, expected] of forms) {
    it(`${file}: ${expected}`, () => {
      const planned = plan({ config: read(`default-delegates/${file}.conf`) })
      assert.is(layout(planned), expected)
      assert.equal(planned.warnings, [])
    })
  }

  it('are all that lie there', () => {
    const there = readdirSync(join(root, 'default-delegates')).sort()
    assert.equal(there, forms.map(([file]) => `${file}.conf`).sort())
  })
})

describe('the files of examples/tke', (it) => {
  it("are, of the fork's README, the configurations that it prints", () => {
    assert.equal(JSON.parse(read('00-multus.conf').text), {
      name: 'node-cni-network',
      type: 'multus',
      kubeconfig: '/root/.kube/config',
    })
    assert.equal(JSON.parse(read('00-multus.default-delegate.conf').text), {
      name: 'node-cni-network',
      type: 'multus',
      kubeconfig: '/root/.kube/config',
      defaultDelegates: 'tke-bridge',
    })
  })

  it('define every network without a fault', () => {
    const networks = files.map(({ text }) => JSON.parse(text).name).join(',')
    const planned = plan({ networks: networks.replace('ptp-conf', 'ptp-conf@eth0') })
    assert.is(planned.attachments.length, 6)
    assert.equal(planned.warnings, [])
  })

  it('are told of by the README, each of them', () => {
    const readme = read('README.md').text
    const names = readdirSync(root).filter((name) => name !== 'README.md' && name !== 'pods')
    for (const name of names) assert.match(readme, `\`${name}`)
    for (const name of readdirSync(join(root, 'pods'))) assert.match(readme, `\`pods/${name}\``)
    const kubeconfig = parse(read('kubeconfig.yaml').text)
    assert.is(kubeconfig.users[0].user.token, 'not-a-token')
  })
})
