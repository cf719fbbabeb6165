import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { knownVersions } from '../../lib/cni/version.js'
import { describe, type It } from '../suite.js'
import { holdDirectories, noDirectories } from './namespaces.js'
import { type Node, onNode as onBareNode } from './node.js'

const networks = { defaultDelegates: 'a' }
const onNode = (it: It, title: string, body: (node: Node) => unknown): void =>
  onBareNode(it, title, (node) => {
    node.install('bridge', 'tuning')
    node.network('a', ['bridge', 'tuning'])
    return body(node)
  })
const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script, 'sh']

describe('multus, started by a runtime (reference/cni.md 1.1 to 1.9)', (it) => {
  onNode(it, 'does ADD, CHECK, DEL and DEL again (S-038)', async (node) => {
    const config = networks
    assert.equal(await node.succeed('ADD', { config }), {
      cniVersion: '1.0.0',
      interfaces: [{ name: 'eth0', sandbox: '/run/netns/metacni-test' }],
      ips: [{ interface: 0, address: '10.1.0.2/24' }],
    })
    assert.is(await node.succeed('CHECK', { config }), undefined)
    assert.is(await node.succeed('DEL', { config }), undefined)
    assert.is(await node.succeed('DEL', { config }), undefined)
    assert.equal(node.words(), [
      'ADD bridge eth0',
      'ADD tuning eth0',
      'CHECK bridge eth0',
      'CHECK tuning eth0',
      'DEL tuning eth0',
      'DEL bridge eth0',
    ])
    assert.equal(node.stateFiles(), ['.metacni/'])
  })

  onNode(
    it,
    'records a relative CNI_NETNS as an absolute path, which plugins get',
    async (node) => {
      await node.succeed('ADD', { config: networks, netns: 'run/c1' })
      await node.succeed('DEL', { config: networks, netns: '' })
      const paths = new Set(node.calls().map(({ netns }) => netns))
      assert.equal([...paths], [join(node.directory, 'run/c1')])
      assert.is(node.calls().length, 4)
    },
  )

  onNode(it, '1.5: answers VERSION with every version, and the one of stdin', async (node) => {
    const supportedVersions = [...knownVersions]
    for (const [stdin, cniVersion] of [
      ['{"cniVersion":"0.4.0"}', '0.4.0'],
      ['{"cniVersion":"1.1.0"}', '1.1.0'],
      ['', '1.1.0'],
      ['junk', '1.1.0'],
    ] as const) {
      // As libcni asks (reference/cni.md 2.13).
      const probe = { containerId: '', netns: 'dummy', ifname: 'dummy', path: 'dummy', stdin }
      const { code, stdout, stderr } = await node.run('VERSION', probe)
      assert.equal([code, stderr], [0, ''])
      assert.is(stdout, `${JSON.stringify({ cniVersion, supportedVersions })}\n`)
    }
  })

  onNode(it, '1.3: started by hand it tells about itself on stderr, exit code 0', async (node) => {
    const env = { CNI_COMMAND: undefined }
    const { code, stdout, stderr } = await node.run('', { env, stdin: '' })
    assert.equal([code, stdout], [0, ''])
    const versions = knownVersions.join(', ')
    assert.match(stderr, /^metacni multus \d+\.\d+\.\d+: /)
    assert.ok(stderr.endsWith(`\nCNI protocol versions supported: ${versions}\n`))
  })

  onNode(it, '1.1, 1.6: tells what is missing on stdout, and exits with 1', async (node) => {
    const nothing = { containerId: '', netns: '', ifname: '', path: '' }
    const { cniVersion, code, msg, stderr } = await node.fail('ADD', nothing)
    const names = 'CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME'
    assert.equal([cniVersion, code, stderr], ['1.1.0', 4, ''])
    assert.is(msg, `required env variables [${names}] missing`)
  })

  onNode(it, '1.1, X-07: works without CNI_PATH: binDir is searched', async (node) => {
    const config = { ...networks, binDir: node.bin }
    for (const verb of ['ADD', 'CHECK', 'DEL']) {
      await node.succeed(verb, { config, env: { CNI_PATH: undefined } })
    }
    assert.is(node.calls().length, 6)
    const { code, msg } = await node.fail('GC', { config, env: { CNI_PATH: undefined } })
    assert.equal([code, msg], [4, 'required env variables [CNI_PATH] missing'])
  })

  onNode(
    it,
    '1.3: an unknown verb is code 4, in the words that runtimes look for',
    async (node) => {
      const { code, msg } = await node.fail('GET', { containerId: '', path: '' })
      assert.equal([code, msg], [4, 'unknown CNI_COMMAND: GET'])
    },
  )

  onNode(it, '1.4: versions: code 1 and 6, and CHECK only from 0.4.0 on', async (node) => {
    for (const [verb, cniVersion, code, msg] of [
      ['ADD', '0.9.0', 1, 'incompatible CNI versions'],
      ['ADD', 'junk', 1, 'incompatible CNI versions'],
      ['DEL', '2.0.0', 1, 'incompatible CNI versions'],
      ['CHECK', undefined, 1, 'config version does not allow CHECK'],
      ['CHECK', '0.3.1', 1, 'config version does not allow CHECK'],
      ['CHECK', '2.0.0', 1, 'plugin version does not allow CHECK'],
      ['CHECK', 'junk', 6, '"junk" is not a version'],
    ] as const) {
      const failure = await node.fail(verb, { config: { ...networks, cniVersion } })
      assert.equal([failure.code, failure.msg], [code, msg], `${verb} ${cniVersion}`)
      assert.is(failure.cniVersion, cniVersion ?? '0.1.0')
    }
    assert.equal(node.calls(), [])
  })

  onNode(it, '1.4: gives the result in the version that was asked for', async (node) => {
    for (const cniVersion of knownVersions) {
      const config = { ...networks, cniVersion }
      const result = await node.succeed('ADD', { config, containerId: cniVersion })
      assert.is(result?.cniVersion, cniVersion)
      assert.is('ip4' in (result ?? {}), cniVersion < '0.3.0')
    }
  })

  onNode(it, '1.7: refuses its own network namespace, before anything runs', async (node) => {
    const own = { config: networks, netns: '/proc/self/ns/net' }
    for (const verb of ['ADD', 'DEL']) {
      const { code, msg } = await node.fail(verb, own)
      assert.is(code, 8)
      assert.is(msg, "plugin's netns and netns from CNI_NETNS should not be the same")
    }
    assert.equal(node.calls(), [])
    await node.succeed('ADD', { ...own, env: { CNI_NETNS_OVERRIDE: '1' } })
    assert.is(node.calls().length, 2)
  })

  onNode(it, '1.8: CNI_ARGS that are no pairs are code 4 on ADD; a DEL goes on', async (node) => {
    await node.succeed('ADD', { config: networks })
    for (const args of ['a', 'a=b=c', 'IgnoreUnknown=1;']) {
      const { code, msg } = await node.fail('ADD', { config: networks, containerId: 'c2', args })
      assert.is(code, 4)
      assert.match(msg, 'ARGS: invalid pair')
    }
    await node.succeed('DEL', { config: networks, args: 'a' })
  })

  for (const [runtime, args] of [
    [
      'containerd',
      'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=4d1cf0e1b2;K8S_POD_UID=5e0f7d5c-9b4c-4d5e-8d3b-6f1b2c3d4e5f',
    ],
    [
      'CRI-O',
      'IgnoreUnknown=1;K8S_POD_NAMESPACE=kube-system;K8S_POD_NAME=dns-7c;K8S_POD_INFRA_CONTAINER_ID=4d1cf0e1b2;K8S_POD_UID=5e0f7d5c;K8S_POD_NETWORK_STATUS=',
    ],
    ['another one', 'MY_KEY=1;IP=10.0.0.5/24'],
  ] as const) {
    onNode(it, `hands the CNI_ARGS of ${runtime} on to every plugin, unchanged`, async (node) => {
      for (const verb of ['ADD', 'CHECK', 'DEL'])
        await node.succeed(verb, { config: networks, args })
      assert.is(node.calls().length, 6)
      for (const call of node.calls()) assert.is(call.args, args)
    })
  }

  onNode(
    it,
    "hands the process's environment on, and CNI_PATH with binDir at its end",
    async (node) => {
      node.script('bridge.ADD', 'echo "$HTTPS_PROXY" > "$RECORDS/proxy"')
      const env = { HTTPS_PROXY: 'http://proxy.example:3128' }
      const config = { ...networks, binDir: '/nonexistent' }
      await node.succeed('ADD', { config, env, path: `/also-not:${node.bin}` })
      assert.equal(
        node.calls().map(({ path }) => path),
        Array(2).fill(`/also-not:${node.bin}:/nonexistent`),
      )
      assert.ok(existsSync(join(node.records, 'proxy')))
    },
  )
})

describe("the configurations of the fork's README, verbatim", (it) => {
  const kubeconfig = '{"name":"node-cni-network","type":"multus","kubeconfig":"/root/.kube/config"}'
  const both =
    '{"name":"node-cni-network","type":"multus","kubeconfig":"/root/.kube/config","defaultDelegates":"tke-bridge"}'
  const without = '{"name":"multus-demo-network","type":"multus","defaultDelegates":"tke-bridge"}'

  for (const stdin of [kubeconfig, both]) {
    onNode(it, `${stdin}: ADD is refused, DEL works`, async (node) => {
      const { cniVersion, code, msg, details } = await node.fail('ADD', { stdin })
      assert.equal([cniVersion, code], ['0.1.0', 2])
      assert.match(msg, 'pod-source-unavailable: unsupported field kubeconfig "/root/.kube/config"')
      assert.match(details ?? '', 'stdin#/kubeconfig')
      assert.is(await node.succeed('DEL', { stdin }), undefined)
      assert.is(await node.succeed('DEL', { stdin }), undefined)
    })
  }

  const title = `${without}: works, without a cluster, in the directories of the default, results in 0.1.0`
  if (noDirectories !== undefined) it.skip(title, noDirectories)
  else {
    onNode(it, title, async (node) => {
      const held = await holdDirectories(node.records)
      try {
        const at = { stdin: without, prefix: held.enter, path: '/opt/cni/bin' }
        held.run('mkdir', '-p', '/etc/cni/net.d/multus', '/opt/cni/bin')
        held.run('cp', join(node.bin, 'bridge'), '/opt/cni/bin/bridge')
        writeFileSync(
          join(node.directory, 'tke-bridge.conf'),
          '{"cniVersion":"0.1.0","name":"tke-bridge","type":"bridge"}',
        )
        held.run('cp', join(node.directory, 'tke-bridge.conf'), '/etc/cni/net.d/multus/')
        assert.equal(await node.succeed('ADD', at), {
          cniVersion: '0.1.0',
          ip4: { ip: '10.1.0.2/24' },
          dns: {},
        })
        // TB15: not below /var/lib/cni/networks, where host-local keeps its leases.
        const records = held.run('find', '/var/lib/cni', '-type', 'f').trim().split('\n').sort()
        const cached = '/var/lib/cni/multus/results/tke-bridge-c1-eth0'
        assert.equal(records, ['/var/lib/cni/multus/.metacni/c1/eth0.json', cached])
        assert.match(held.run('stat', '-c', '%a', '/var/lib/cni/multus/.metacni'), /^700$/m)
        await node.succeed('DEL', at)
        assert.is(held.run('find', '/var/lib/cni', '-type', 'f'), '')
        const calls = held.run('cat', join(node.records, 'calls')).trim().split('\n')
        assert.is(calls.length, 2)
      } finally {
        held.release()
      }
      assert.not.ok(existsSync('/var/lib/cni/multus/.metacni/c1'))
    })
  }
})

describe('where annotations come from', (it) => {
  onNode(
    it,
    'in a cluster ADD is refused as with a kubeconfig; DEL and CHECK are not',
    async (node) => {
      const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' }
      const { code, msg } = await node.fail('ADD', { config: networks, env })
      assert.is(code, 2)
      assert.match(msg, 'pod-source-unavailable: in a cluster (API server 10.0.0.1)')
      assert.equal(node.calls(), [])
      await node.succeed('ADD', { config: networks })
      await node.succeed('CHECK', { config: networks, env })
      await node.succeed('DEL', { config: networks, env })
      assert.is(node.calls().length, 6)
    },
  )

  onNode(it, 'one of the two variables alone is no cluster', async (node) => {
    await node.succeed('ADD', { config: networks, env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } })
    await node.succeed('ADD', {
      config: networks,
      containerId: 'c2',
      env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '' },
    })
  })

  onNode(
    it,
    'a kubeconfig that came later does not keep DEL from undoing everything',
    async (node) => {
      await node.succeed('ADD', { config: networks })
      await node.succeed('DEL', { config: { ...networks, kubeconfig: '/root/.kube/config' } })
      assert.equal(node.words().slice(2), ['DEL tuning eth0', 'DEL bridge eth0'])
      assert.equal(node.stateFiles(), ['.metacni/'])
    },
  )

  const key = 'io.kubernetes.cri.pod-annotations'
  const sent = (annotations: unknown, more: object = {}) => ({
    config: { ...networks, runtimeConfig: { [key]: annotations }, ...more },
  })

  onNode(it, 'a runtime that sends them is believed, in both forms', async (node) => {
    node.install('macvlan')
    node.network('b', ['macvlan'])
    for (const text of ['b', '[{"name":"b","interfaceRequest":"eth0"}]']) {
      const containerId = `c${text.length}`
      const annotations = { 'tke.cloud.tencent.com/networks': text, 'other/key': 'x' }
      await node.succeed('ADD', { ...sent(annotations), containerId })
      await node.succeed('DEL', { ...sent(annotations), containerId })
    }
    assert.equal(node.words(), [
      ...['ADD macvlan eth0', 'DEL macvlan eth0', 'ADD macvlan eth0', 'DEL macvlan eth0'],
    ])
  })

  onNode(it, 'the example that a node can install today asks it for them', async (node) => {
    const example = JSON.parse(readFileSync('examples/tke/00-multus.runtime.conf', 'utf8'))
    assert.is(example.capabilities[key], true)
    node.network('tke-bridge', ['bridge'])
    const { confDir, cniDir, binDir } = node.config
    const config = { ...example, confDir, cniDir, binDir }
    const call = (more: object) => ({ stdin: JSON.stringify({ ...config, ...more }) })
    await node.succeed('ADD', call({}))
    const annotations = { 'tke.cloud.tencent.com/networks': 'a,tke-bridge@net7' }
    const runtimeConfig = { [key]: annotations }
    await node.succeed('ADD', { ...call({ runtimeConfig }), containerId: 'c2' })
    assert.equal(node.words(), [
      ...['ADD bridge eth0', 'ADD bridge eth0', 'ADD tuning eth0', 'ADD bridge net7'],
    ])
  })

  onNode(it, 'a pod of which it sends none gets the default delegates', async (node) => {
    for (const [index, annotations] of [{}, null, { 'other/key': 'b' }].entries()) {
      await node.succeed('ADD', { ...sent(annotations), containerId: `c${index}` })
    }
    assert.equal(new Set(node.words()), new Set(['ADD bridge eth0', 'ADD tuning eth0']))
  })

  onNode(it, 'what is wrong with them is refused by its place, and nothing runs', async (node) => {
    const asked = { 'tke.cloud.tencent.com/networks': 'a,absent' }
    const unknown = await node.fail('ADD', sent(asked))
    assert.match(unknown.msg, 'unknown-network: ')
    for (const [annotations, place] of [
      ['x', ''],
      [[], ''],
      [{ 'a/b': 1 }, '/a~1b'],
    ] as const) {
      const { code, msg, details } = await node.fail('ADD', sent(annotations))
      assert.equal([code, details], [6, `stdin#/runtimeConfig/${key}${place}`])
      assert.match(msg, 'bad-pod: annotation')
    }
    const logFile = join(node.directory, 'multus.log')
    await node.fail('ADD', sent({ 'a/b': 1 }, { logFile }))
    const line =
      / error annotation "a\/b" is 1, not a text code=bad-pod path=stdin#\S*\/a~1b containerId=c1\n/
    assert.match(readFileSync(logFile, 'utf8'), line)
    const kubeconfig = await node.fail('ADD', sent(asked, { kubeconfig: '/root/.kube/config' }))
    assert.match(kubeconfig.msg, 'pod-source-unavailable')
    assert.equal(node.calls(), [])
  })

  onNode(
    it,
    'the longest that Kubernetes lets a pod have, written at their longest, keep no pod from ADD, CHECK and DEL',
    async (node) => {
      // 256 KiB, of which JSON can make six characters each; what comes back as prevResult is beside them.
      const annotations = `{"note":"${'\\u003c'.repeat(256 * 1024)}"}`
      const whole = JSON.stringify({ ...node.config, ...networks, runtimeConfig: { [key]: {} } })
      const stdin = whole.replace(`"${key}":{}`, `"${key}":${annotations}`)
      assert.ok(stdin.length > 1.5 * 1024 * 1024)
      for (const verb of ['ADD', 'CHECK', 'DEL']) await node.succeed(verb, { stdin })
      assert.equal(node.stateFiles(), ['.metacni/'])
    },
  )

  onNode(it, 'they are kept in no record, and told to nobody who does not ask', async (node) => {
    node.install('macvlan', 'asking')
    node.network('b', ['macvlan', { type: 'asking', capabilities: { [key]: true } }])
    const annotations = { 'tke.cloud.tencent.com/networks': 'a', note: 'SECRET' }
    await node.succeed('ADD', sent(annotations))
    const files = ['.metacni/c1/eth0.json', 'results/a-c1-eth0']
    for (const name of files) {
      assert.not.match(readFileSync(join(node.state, name), 'utf8'), /SECRET|pod-annotations/)
    }
    const asked = { ...annotations, 'tke.cloud.tencent.com/networks': 'b' }
    await node.succeed('ADD', { ...sent(asked), containerId: 'c2' })
    assert.equal(
      node.calls().map(({ type, stdin }) => [type, stdin.runtimeConfig]),
      [
        ['bridge', undefined],
        ['tuning', undefined],
        ['macvlan', undefined],
        ['asking', { [key]: asked }],
      ],
    )
  })

  onNode(it, 'DEL says in the log when it finds nothing to undo, and of whom', async (node) => {
    const logFile = join(node.directory, 'multus.log')
    await node.succeed('DEL', { config: { ...networks, logFile } })
    const words = `containerId=c1 ifname=eth0 netns=/run/netns/metacni-test cniDir=${node.state}`
    const line = ` info DEL: nothing to undo ${words}\n`
    assert.ok(readFileSync(logFile, 'utf8').endsWith(line), readFileSync(logFile, 'utf8'))
    // The second call of a runtime, when the namespace is gone, is what nobody needs to know.
    await node.succeed('DEL', { config: { ...networks, logFile }, netns: '' })
    await node.succeed('ADD', { config: { ...networks, logFile } })
    await node.succeed('DEL', { config: { ...networks, logFile } })
    assert.is(readFileSync(logFile, 'utf8').split(line).length, 2)
  })

  onNode(it, 'a relative kubeconfig is refused as such; an empty one is none', async (node) => {
    const config = { ...networks, kubeconfig: 'kube/config' }
    const { code, msg } = await node.fail('ADD', { config })
    assert.is(code, 7)
    assert.match(msg, 'relative-kubeconfig')
    await node.succeed('DEL', { config })
    await node.succeed('ADD', { config: { ...networks, kubeconfig: '' } })
  })
})

describe('the streams of multus (reference/cni.md 1.3, 1.9)', (it) => {
  onNode(it, 'stdin may be a file', async (node) => {
    const path = join(node.directory, 'stdin.json')
    writeFileSync(path, JSON.stringify({ ...node.config, ...networks }))
    for (const verb of ['VERSION', 'ADD', 'DEL']) {
      const file = openSync(path, 'r')
      const { ended } = node.start(verb, { stdio: [file, 'pipe', 'pipe'], keepOpen: true })
      closeSync(file)
      const { code, stdout } = await ended
      assert.is(code, 0, stdout)
      if (verb === 'VERSION') assert.is(JSON.parse(stdout).cniVersion, '1.0.0')
    }
    assert.is(node.calls().length, 4)
  })

  onNode(it, 'stdin that is closed, empty or a directory is no configuration', async (node) => {
    for (const [redirect, code] of [
      ['<&-', 6],
      ['</dev/null', 6],
      ['</', 5],
    ] as const) {
      const prefix = shell(`exec "$@" ${redirect}`)
      assert.is((await node.fail('ADD', { prefix })).code, code, redirect)
      const { code: status, stdout } = await node.run('VERSION', { prefix })
      assert.equal([status, JSON.parse(stdout).cniVersion], [0, '1.1.0'], redirect)
    }
  })

  onNode(it, '1.3 step 3: stdin of more than 4 MiB is code 5; VERSION answers it', async (node) => {
    const stdin = `{"name":"a","x":"${'y'.repeat(4 * 1024 * 1024)}"}`
    const { code, msg } = await node.fail('ADD', { stdin })
    assert.equal([code, msg], [5, 'error reading from stdin: it is longer than 4194304 bytes'])
    assert.is((await node.run('VERSION', { stdin })).code, 0)
  })

  onNode(it, 'a runtime that leaves stdin open gets its VERSION all the same', async (node) => {
    const { child, ended } = node.start('VERSION', { keepOpen: true })
    child.stdin?.write('{"cniVersion":"0.3.1"}')
    const { code, stdout } = await ended
    assert.equal([code, JSON.parse(stdout).cniVersion], [0, '0.3.1'])
    const silent = node.start('VERSION', { keepOpen: true })
    assert.is((await silent.ended).code, 0)
  })

  onNode(
    it,
    'an open pipe that nobody writes to gets its VERSION, and the process ends',
    async (node) => {
      const pipe = node.pipe('stdin')
      const { code, stdout } = await node.run('VERSION', {
        prefix: shell(`exec 3<>'${pipe.path}'; exec "$@" <&3`),
      })
      assert.equal([code, JSON.parse(stdout).cniVersion], [0, '1.1.0'])
    },
  )

  onNode(it, 'a terminal is not asked for the stdin of a VERSION', async (node) => {
    // script(1) gives its command a terminal.
    const prefix = shell(
      'command -v script >/dev/null || exec "$@"; exec script -qec "$1" /dev/null',
    )
    const { code, stdout } = await node.run('VERSION', { prefix, stdin: '' })
    assert.is(code, 0)
    assert.match(stdout, '"supportedVersions":["0.1.0"')
  })

  onNode(
    it,
    'a reader of stdout that is gone does not hang it; an ADD is then none',
    async (node) => {
      const { child, ended } = node.start('ADD', { keepOpen: true })
      child.stdout?.destroy()
      child.stdin?.end(JSON.stringify({ ...node.config, ...networks }))
      const { code, stderr } = await ended
      assert.is(code, 1)
      assert.match(stderr, / error "?attached, but the result cannot be written to stdout/)
      await node.succeed('DEL', { config: networks })
      assert.is(node.calls().length, 4)
      assert.equal(node.stateFiles(), ['.metacni/'])
    },
  )

  onNode(
    it,
    'a stdout that is full is told on stderr and in the log: the pod stays',
    async (node) => {
      const prefix = shell('exec "$@" >/dev/full')
      const logFile = join(node.directory, 'log')
      const config = { ...networks, logFile }
      const words = 'attached, but the result cannot be written to stdout; a DEL undoes it'
      const line = `error ${words} containerId=c1 ifname=eth0 reason="ENOSPC`
      const { code, stderr } = await node.run('ADD', { config, prefix })
      assert.is(code, 1)
      assert.match(stderr, line)
      assert.match(readFileSync(logFile, 'utf8'), line)
      assert.ok(node.stateFiles().includes('.metacni/c1/eth0.json'))
      // Without a log to write it to, and where nothing was attached.
      const quiet = await node.run('ADD', { config: { ...networks, logLevel: 'panic' }, prefix })
      assert.match(quiet.stderr, /^multus: the answer cannot be written to stdout: ENOSPC/)
      const version = await node.run('VERSION', { prefix })
      assert.is(version.code, 1)
      assert.match(version.stderr, /^multus: the answer cannot be written to stdout: ENOSPC/)
      assert.match(
        (await node.run('ADD', { config, prefix })).stderr,
        'error the answer cannot be written to stdout containerId=c1',
      )
    },
  )

  onNode(it, 'stdout and stderr that are closed change nothing', async (node) => {
    const prefix = shell('exec "$@" >&- 2>&-')
    assert.is((await node.run('ADD', { config: networks, prefix })).code, 0)
    assert.is((await node.run('DEL', { config: networks, prefix })).code, 0)
    assert.is(node.calls().length, 4)
  })

  onNode(
    it,
    'a signal before the request is read ends it: nothing has happened yet',
    async (node) => {
      const { child, ended } = node.start('ADD', { config: networks, keepOpen: true })
      // More than a pipe holds: once all of it is written, somebody is reading.
      await new Promise((resolve) => child.stdin?.write(`{"x":"${'y'.repeat(900_000)}`, resolve))
      child.kill('SIGTERM')
      assert.is((await ended).signal, 'SIGTERM')
      assert.equal(node.stateFiles(), [])
    },
  )
})
