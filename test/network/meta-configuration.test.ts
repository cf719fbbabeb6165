import * as assert from 'uvu/assert'
import { decodeMetaConfiguration, metaDefaults } from '../../lib/network/meta-configuration.js'
import { briefly } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const decodeText = (text: string) => decodeMetaConfiguration({ source: 'stdin', text })
const decode = (value: unknown) => decodeText(JSON.stringify(value))
const problemsOf = (value: unknown): string => briefly(decode(value).problems)

describe('the configuration of the meta plugin (reference/tke-multus.md 1.1)', (it) => {
  it("reads both configurations of the fork's README", () => {
    const first = decodeText(
      '{"name":"node-cni-network","type":"multus","kubeconfig":"/root/.kube/config"}',
    )
    assert.equal(first.problems, [])
    assert.equal(first.value, {
      ...metaDefaults,
      name: 'node-cni-network',
      type: 'multus',
      kubeconfig: '/root/.kube/config',
    })
    const second = decodeText(
      '{"name":"node-cni-network","type":"multus","kubeconfig":"/root/.kube/config","defaultDelegates":"tke-bridge"}',
    )
    assert.equal(second.problems, [])
    assert.is(second.value.defaultDelegates, 'tke-bridge')
  })

  it("has defaults: records outside host-local's tree (TB15), results of 0.1.0", () => {
    const { value } = decode({})
    assert.is(value.cniDir, '/var/lib/cni/multus')
    assert.is(value.binDir, '/opt/cni/bin')
    assert.is(value.confDir, undefined)
    assert.is(value.cniVersion, '0.1.0')
    assert.is(value.logLevel, 'info')
    assert.is(value.timeout, 60)
  })

  it('matches keys without regard to case, as Go does, and says so', () => {
    const { value, problems } = decode({ LogFile: '/var/log/multus.log', BINDIR: '/x' })
    assert.is(value.logFile, '/var/log/multus.log')
    assert.is(value.binDir, '/x')
    assert.is(briefly(problems), 'unusual-key-case stdin#/LogFile, unusual-key-case stdin#/BINDIR')
    assert.ok(problems.every(({ severity }) => severity === 'warning'))
    assert.is(problems[0]?.hint, 'write logFile')
  })

  it('takes null and the empty text for absent', () => {
    const { value, problems } = decode({ kubeconfig: null, binDir: '', cniVersion: '', type: '' })
    assert.equal(problems, [])
    assert.equal(value, metaDefaults)
  })

  it('warns of unknown keys, and not of those that the specification reserves', () => {
    assert.is(
      problemsOf({ delegates: [], clusterNetwork: 'a' }),
      'unknown-key stdin#/delegates, unknown-key stdin#/clusterNetwork',
    )
    assert.is(
      problemsOf({ ipam: {}, dns: {}, disableCheck: true, 'cni.dev/x': 1, cniVersions: [] }),
      '',
    )
  })

  it('keeps what the runtime sends', () => {
    const runtimeConfig = { portMappings: [{ hostPort: 80 }], other: null }
    const prevResult = { cniVersion: '0.3.1' }
    const { value } = decode({ runtimeConfig, prevResult, capabilities: { bandwidth: true } })
    assert.equal(value.runtimeConfig, runtimeConfig)
    assert.equal(value.prevResult, prevResult)
    assert.equal(value.capabilities, { bandwidth: true })
  })
})

describe('the configuration of the meta plugin refuses', (it) => {
  const cases: readonly (readonly [what: string, value: unknown, problems: string])[] = [
    ['what is no object', [], 'bad-configuration stdin#'],
    ['null', null, 'bad-configuration stdin#'],
    [
      'a relative kubeconfig',
      { kubeconfig: 'kube/config' },
      'relative-kubeconfig stdin#/kubeconfig',
    ],
    ['a kubeconfig that is no text', { kubeconfig: 1 }, 'bad-configuration stdin#/kubeconfig'],
    ['an unknown version', { cniVersion: '2.0.0' }, 'unsupported-version stdin#/cniVersion'],
    ['a name that is none', { name: 'a/b' }, 'bad-network-name stdin#/name'],
    ['a time limit of nothing', { timeout: 0 }, 'bad-configuration stdin#/timeout'],
    ['a time limit of more than a day', { timeout: 86_401 }, 'bad-configuration stdin#/timeout'],
    [
      'runtimeConfig that is a list',
      { runtimeConfig: [] },
      'bad-configuration stdin#/runtimeConfig',
    ],
    [
      'defaultDelegates that are no text',
      { defaultDelegates: ['a'] },
      'bad-configuration stdin#/defaultDelegates',
    ],
  ]
  for (const [what, value, problems] of cases) {
    it(what, () => {
      assert.is(problemsOf(value), problems)
      assert.is(decode(value).problems[0]?.severity, 'error')
    })
  }

  it('what is wrong, all of it, and goes on with the defaults', () => {
    const { value, problems } = decode({
      kubeconfig: 'x',
      binDir: 3,
      cniVersion: '9',
      cniDir: '/y',
    })
    assert.is(problems.length, 3)
    assert.equal(value, { ...metaDefaults, cniDir: '/y' })
  })

  it('a log level that is none, with a warning: info is taken', () => {
    const { value, problems } = decode({ logLevel: 'trace' })
    assert.is(value.logLevel, 'info')
    assert.equal(
      problems.map(({ severity }) => severity),
      ['warning'],
    )
    assert.is(decode({ logLevel: 'debug' }).value.logLevel, 'debug')
  })

  it('text that is no JSON', () => {
    assert.is(briefly(decodeText('{"name"').problems), 'bad-json stdin#')
  })

  it('no key called __proto__: it is unknown like any other, and reaches no prototype', () => {
    const { value, problems } = decodeText('{"__proto__":{"kubeconfig":"/x"},"constructor":{}}')
    assert.is(briefly(problems), 'unknown-key stdin#/__proto__, unknown-key stdin#/constructor')
    assert.is(value.kubeconfig, undefined)
    assert.is(({} as { readonly kubeconfig?: string }).kubeconfig, undefined)
  })
})
