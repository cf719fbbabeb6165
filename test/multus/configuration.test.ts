import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { filesBelow, type Node, onNode } from './node.js'

const networks = { defaultDelegates: 'a' }
const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }]

/** Everything on the node but the state directory and what the plugins recorded: paths and contents. */
const surroundings = ({ directory }: Node): Readonly<Record<string, string>> => {
  const names = filesBelow(directory).filter((name) => !/^(?:state|records)\//.test(name))
  return Object.fromEntries(
    names.map((name) => {
      const path = join(directory, name)
      const stats = statSync(path)
      const text = stats.isFile() && name !== 'bin/multus' ? readFileSync(path, 'utf8') : ''
      return [name, `${stats.mode} ${stats.mtimeMs} ${text}`]
    }),
  )
}

/** Does something and checks that nothing but state and records has changed. */
const touchesNothing = async (node: Node, body: () => Promise<unknown>): Promise<void> => {
  const before = surroundings(node)
  await body()
  assert.equal(surroundings(node), before)
}

describe('the configuration of multus (reference/tke-multus.md 1.1)', (it) => {
  onNode(it, 'its keys are matched without regard to case, as Go does', async (node) => {
    node.install('bridge')
    node.network('a', [{ type: 'bridge', capabilities: { portMappings: true } }])
    const log = join(node.directory, 'multus.log')
    const odd = {
      CNIVERSION: '1.0.0',
      NAME: 'ignored',
      name: 'node',
      Type: 'multus',
      DEFAULTDELEGATES: 'a',
      confdir: node.config.confDir,
      CNIDir: node.config.cniDir,
      BinDir: node.bin,
      LogFile: log,
      loglevel: 'DEBUG'.toLowerCase(),
      TimeOut: 30,
      RUNTIMECONFIG: { portMappings },
      Capabilities: { portMappings: true },
      KubeConfig: '',
    }
    await node.succeed('ADD', { stdin: JSON.stringify(odd), path: '/nonexistent' })
    assert.equal(node.calls()[0]?.stdin.runtimeConfig, { portMappings })
    const record = ['.metacni/', '.metacni/c1/', '.metacni/c1/eth0.json']
    assert.equal(node.stateFiles(), [...record, 'results/a-c1-eth0'])
    const lines = readFileSync(log, 'utf8')
    assert.match(lines, ' debug ADD ')
    assert.match(lines, '"LogFile" is read as "logFile"')
  })

  onNode(
    it,
    'cniVersion is the runtime\'s own affair: only "cniVersion" counts for it',
    async (node) => {
      // The protocol's keys are exact: a version under another spelling is none, and so 0.1.0.
      node.install('bridge')
      node.network('a', ['bridge'])
      const config = { ...networks, cniVersion: undefined, CNIVersion: '1.0.0' }
      const result = await node.succeed('ADD', { config })
      assert.is(result?.cniVersion, '0.1.0')
    },
  )

  onNode(it, 'records are for root alone: directories 0700, files 0600', async (node) => {
    node.install('bridge')
    node.network('a', ['bridge'])
    await node.succeed('ADD', { config: networks })
    const modes = ['', '.metacni', '.metacni/c1', '.metacni/c1/eth0.json'].map(
      (name) => statSync(join(node.state, name)).mode & 0o777,
    )
    assert.equal(modes, [0o700, 0o700, 0o700, 0o600])
  })

  onNode(
    it,
    'defaultDelegates names several networks; the result is that of CNI_IFNAME',
    async (node) => {
      node.install('bridge', 'macvlan', 'ptp')
      node.network('a', ['bridge'])
      node.network('b', ['macvlan'])
      node.network('c', ['ptp'])
      node.script('macvlan.ADD', `echo '{"cniVersion":"0.3.1","ips":[]}'; exit 0`)
      for (const defaultDelegates of [
        'a, b ,c@net7',
        '[{"name":"a"},{"name":"b"},{"name":"c","interfaceRequest":"net7"}]',
      ]) {
        const containerId = `c${defaultDelegates.length}`
        const result = await node.succeed('ADD', { config: { defaultDelegates }, containerId })
        assert.equal(result?.ips, [{ interface: 0, address: '10.1.0.2/24' }])
        const words = node.calls().filter((call) => call.containerId === containerId)
        assert.equal(
          words.map(({ type, ifname }) => `${type} ${ifname}`),
          ['bridge eth0', 'macvlan eth1', 'ptp net7'],
        )
      }
    },
  )

  onNode(
    it,
    'a list gains the plugins beside it, and a broken one breaks its network alone (cni.md 2.3)',
    async (node) => {
      node.install('bridge', 'tuning')
      node.network('a', ['bridge'])
      node.network('b', ['bridge'])
      const folder = join(String(node.config.confDir), 'a')
      mkdirSync(folder)
      writeFileSync(join(folder, '10.conf'), '{"type":"tuning","sysctl":{"x":"1"}}')
      await node.succeed('ADD', { config: networks })
      await node.succeed('DEL', { config: networks })
      assert.equal(
        node.calls().map(({ verb, type }) => `${verb} ${type}`),
        ['ADD bridge', 'ADD tuning', 'DEL tuning', 'DEL bridge'],
      )
      writeFileSync(join(folder, '20.conf'), '{')
      const error = await node.fail('ADD', { config: networks, containerId: 'c2' })
      assert.match(error.msg, 'network "a" cannot be read: not valid JSON')
      await node.succeed('ADD', { config: { defaultDelegates: 'b' }, containerId: 'c2' })
    },
  )

  onNode(it, 'binDir is searched after CNI_PATH', async (node) => {
    const first = join(node.directory, 'first')
    mkdirSync(first)
    writeFileSync(
      join(first, 'bridge'),
      '#!/bin/sh\ncat >/dev/null\necho \'{"cniVersion":"1.0.0","ips":[{"address":"192.0.2.1/24"}]}\'\n',
      { mode: 0o755 },
    )
    node.install('bridge')
    node.network('a', ['bridge'])
    const config = networks
    const result = await node.succeed('ADD', { config, path: first })
    assert.equal(result?.ips, [{ address: '192.0.2.1/24' }])
    await node.succeed('ADD', { config, path: '/nonexistent', containerId: 'c2' })
    assert.equal(node.words(), ['ADD bridge eth0'])
  })

  onNode(
    it,
    'timeout ends a plugin that hangs, in seconds, and what it did is undone',
    async (node) => {
      const gate = node.pipe('gate')
      node.install('bridge', 'slow')
      node.network('a', ['bridge', 'slow'])
      node.script('slow.ADD', `cat '${gate.path}'`)
      // It is the limit of the others, too, which take a moment to start.
      const { code, msg } = await node.fail('ADD', { config: { ...networks, timeout: 5.5 } })
      assert.is(code, 11)
      assert.match(
        msg,
        'network "a" interface "eth0": plugin slow failed (add): plugin "slow" (ADD) took longer than 5500 ms',
      )
      assert.equal(node.words(), [
        'ADD bridge eth0',
        'ADD slow eth0',
        'DEL slow eth0',
        'DEL bridge eth0',
      ])
      assert.equal(node.stateFiles(), ['.metacni/'])
    },
  )

  onNode(
    it,
    'runtimeConfig reaches the plugin that declares the capability, and no other',
    async (node) => {
      node.install('bridge', 'portmap', 'bandwidth')
      node.network('a', [
        'bridge',
        { type: 'portmap', capabilities: { portMappings: true } },
        { type: 'bandwidth', capabilities: { bandwidth: false } },
      ])
      const runtimeConfig = { portMappings, bandwidth: { ingressRate: 1 } }
      await node.succeed('ADD', { config: { ...networks, runtimeConfig } })
      assert.equal(
        node.calls().map(({ stdin }) => stdin.runtimeConfig),
        [undefined, { portMappings }, undefined],
      )
      for (const { stdin } of node.calls()) assert.not.ok('capabilities' in stdin)
    },
  )

  onNode(
    it,
    'prevResult and capabilities are taken and have no effect on what is run',
    async (node) => {
      node.install('bridge')
      node.network('a', ['bridge'])
      const prevResult = { cniVersion: '1.0.0', ips: [{ address: '192.0.2.9/24' }] }
      const config = { ...networks, prevResult, capabilities: { portMappings: true } }
      await node.succeed('ADD', { config })
      assert.not.ok('prevResult' in (node.calls()[0]?.stdin ?? {}))
      await node.succeed('DEL', { config })
    },
  )

  for (const [key, value] of Object.entries({
    defaultDelegates: 7,
    confDir: {},
    cniDir: [],
    binDir: true,
    logFile: 1,
    logLevel: 2,
    timeout: 'long',
    runtimeConfig: 'x',
    prevResult: 'x',
    capabilities: 'x',
    type: 3,
  })) {
    onNode(
      it,
      `a ${key} of the wrong type is refused on ADD, by its place; DEL goes on`,
      async (node) => {
        node.install('bridge')
        node.network('a', ['bridge'])
        const added = { config: { ...networks, cniDir: node.state } }
        await node.succeed('ADD', { ...added, containerId: 'c2' })
        const config = { ...networks, [key]: value }
        await touchesNothing(node, async () => {
          const { code, msg, details } = await node.fail('ADD', { config })
          assert.is(code, 7)
          assert.match(msg, 'bad-configuration')
          assert.match(details ?? '', new RegExp(`^stdin#/${key}(?:: |; |$)`))
        })
        assert.is(node.calls().length, 1)
        if (key === 'cniDir') return
        await node.succeed('DEL', { config, containerId: 'c2' })
        assert.is(node.calls().length, 2)
      },
    )
  }
})

describe('the log of multus', (it) => {
  const secrets = {
    password: 'hunter2',
    runtimeConfig: { credentials: { token: 'hunter2' } },
    'x.example/note': '{"apiKey":"hunter2"}',
    harmless: 'visible-value',
  }
  const prepare = (node: Node): string => {
    node.install('bridge')
    node.network('a', ['bridge'])
    return join(node.directory, 'multus.log')
  }

  for (const logLevel of [undefined, 'info', 'error', 'panic']) {
    onNode(it, `at ${logLevel ?? 'its default, info'} never shows stdin (TB18)`, async (node) => {
      const logFile = prepare(node)
      const config = { ...networks, ...secrets, logFile, ...(logFile && logLevel && { logLevel }) }
      const texts: string[] = []
      for (const verb of ['ADD', 'CHECK', 'DEL']) {
        const { code, stderr } = await node.run(verb, { config })
        assert.is(code, 0, stderr)
        texts.push(stderr)
      }
      const failed = await node.run('ADD', { config: { ...config, runtimeConfig: 'hunter2' } })
      assert.is(failed.code, 1)
      texts.push(failed.stderr)
      const file = existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''
      assert.is(texts.join(''), file)
      assert.not.match(file, /hunter2|visible-value/)
      if (logLevel === undefined || logLevel === 'info') assert.match(file, ' info ADD bridge ')
      else assert.not.match(file, ' info ')
      assert.is(file.includes(' error '), logLevel !== 'panic')
    })
  }

  onNode(it, 'at debug shows stdin with its secrets masked', async (node) => {
    const logFile = prepare(node)
    const config = { ...networks, ...secrets, logFile, logLevel: 'debug' }
    for (const verb of ['ADD', 'CHECK', 'DEL']) await node.succeed(verb, { config })
    const text = readFileSync(logFile, 'utf8')
    assert.not.match(text, 'hunter2')
    assert.match(text, 'visible-value')
    assert.is(text.match(/ debug (?:ADD|CHECK|DEL) /g)?.length, 3)
  })

  onNode(it, 'is a file of mode 0600, appended to line by line', async (node) => {
    const logFile = prepare(node)
    await node.succeed('ADD', { config: { ...networks, logFile } })
    const first = readFileSync(logFile, 'utf8')
    await node.succeed('DEL', { config: { ...networks, logFile } })
    assert.ok(readFileSync(logFile, 'utf8').startsWith(first))
    assert.is(statSync(logFile).mode & 0o777, 0o600)
  })

  onNode(it, 'that cannot be written fails no request', async (node) => {
    prepare(node)
    for (const logFile of ['/nonexistent/multus.log', node.directory, node.pipe('log').path]) {
      const { code, stdout, stderr } = await node.run('ADD', { config: { ...networks, logFile } })
      assert.is(code, 0, stdout)
      assert.match(stderr, `log file ${logFile} cannot be written`)
      await node.succeed('DEL', { config: { ...networks, logFile } })
    }
  })

  onNode(it, 'takes a level that there is none of for info', async (node) => {
    const logFile = prepare(node)
    await node.succeed('ADD', { config: { ...networks, logFile, logLevel: 'verbose' } })
    const text = readFileSync(logFile, 'utf8')
    assert.match(text, 'logLevel "verbose" is none; info is taken')
    assert.match(text, ' info ADD bridge ')
  })
})

describe('bad input: a clear error, no throw, nothing touched', (it) => {
  onNode(it, 'a container id that leaves the directory (TB7)', async (node) => {
    node.install('bridge')
    node.network('a', ['bridge'])
    writeFileSync(join(node.directory, 'x'), '[null]')
    mkdirSync(node.state)
    for (const containerId of [
      '../x',
      '../../etc',
      '..',
      '.',
      '.metacni',
      'a/../../x',
      '/x',
      '-x',
    ]) {
      await touchesNothing(node, async () => {
        for (const verb of ['ADD', 'CHECK', 'DEL']) {
          const failure = await node.fail(verb, { config: networks, containerId })
          assert.equal(
            [failure.code, failure.msg, failure.details],
            [
              4,
              `invalid characters in containerID (CNI_CONTAINERID is "${containerId}")`,
              containerId,
            ],
          )
        }
      })
    }
    assert.equal([node.stateFiles(), node.calls()], [[], []])
  })

  onNode(
    it,
    'a very long container id is kept under a name that a file system takes',
    async (node) => {
      node.install('bridge')
      node.network('a', ['bridge'])
      const containerId = 'a'.repeat(4000)
      await touchesNothing(node, async () => {
        await node.succeed('ADD', { config: networks, containerId })
        await node.succeed('DEL', { config: networks, containerId })
      })
      assert.equal(node.words(), ['ADD bridge eth0', 'DEL bridge eth0'])
    },
  )

  onNode(it, 'multus naming itself is refused before anything runs (TB16)', async (node) => {
    node.file('00-multus.conf', JSON.stringify({ ...node.config, name: 'multus-cni' }))
    node.network('chained', [{ type: 'bridge' }, { type: 'multus' }])
    node.install('bridge')
    for (const defaultDelegates of ['multus-cni', 'chained']) {
      await touchesNothing(node, async () => {
        const { code, msg } = await node.fail('ADD', { config: { defaultDelegates } })
        assert.is(code, 7)
        assert.match(msg, 'self-delegation')
      })
    }
    assert.equal([node.stateFiles(), node.calls()], [[], []])
  })

  const most = 4 * 1024 * 1024
  for (const [what, stdin, code] of [
    ['4 MiB of brackets', '['.repeat(most), 6],
    ['4 MiB of nested objects', '{"a":'.repeat(most / 5), 6],
    ['more than 4 MiB', `{"name":"a","x":"${'['.repeat(most)}"}`, 5],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1'), 6],
    ['null', 'null', 7],
    ['a NUL', '\0', 6],
    ['half a document', '{"name":"a"', 6],
  ] as const) {
    onNode(it, `${what} on stdin`, async (node) => {
      await touchesNothing(node, async () => {
        for (const verb of ['ADD', 'CHECK', 'DEL']) {
          assert.is((await node.fail(verb, { stdin })).code, code)
        }
        assert.is((await node.run('VERSION', { stdin })).code, 0)
      })
      assert.equal(node.stateFiles(), [])
    })
  }

  onNode(it, 'keys named __proto__, in stdin, in a network, in runtimeConfig', async (node) => {
    node.install('bridge')
    const polluting = '{"kubeconfig":"/x","binDir":"/x","polluted":true}'
    node.file(
      'a.conflist',
      `{"cniVersion":"1.0.0","name":"a","__proto__":${polluting},"plugins":[
        {"type":"bridge","__proto__":${polluting},"capabilities":{"__proto__":true},"constructor":{"prototype":1}}]}`,
    )
    const whole = JSON.stringify({ ...node.config, ...networks })
    const stdin = whole.replace(
      /^\{/,
      `{"__proto__":${polluting},"constructor":{"prototype":{"polluted":true}},"runtimeConfig":{"__proto__":[1]},`,
    )
    await node.succeed('ADD', { stdin })
    await node.succeed('DEL', { stdin })
    const lines = readFileSync(join(node.records, 'calls'), 'utf8').trim().split('\n')
    assert.is(lines.length, 2)
    for (const line of lines) {
      assert.match(line, `"__proto__":${polluting}`)
      assert.match(line, '"runtimeConfig":{"__proto__":[1]}')
      assert.match(line, '"constructor":{"prototype":1}')
    }
  })

  onNode(
    it,
    'broken files beside a good one hide nothing, and are told of (TB4, TB5)',
    async (node) => {
      node.install('bridge')
      for (const [name, text] of [
        ['00-null.conf', 'null'],
        ['01-null.conflist', 'null'],
        ['02-null-plugin.conflist', '{"cniVersion":"1.0.0","name":"x","plugins":[null]}'],
        ['03-no-plugins.conflist', '{"cniVersion":"1.0.0","name":"x","plugins":[]}'],
        ['04-typeless.conf', '{"name":"x"}'],
        ['05-truncated.json', '{"name":'],
        ['06-empty.conf', ''],
        ['07-deep.conf', '['.repeat(100_000)],
        ['08-large.conf', ' '.repeat(1024 * 1024 + 1)],
        ['09-list.conf', '[]'],
        ['10-proto.conf', '{"__proto__":{"name":"a","type":"evil"}}'],
        ['11-name.conf', '{"name":"../a","type":"evil"}'],
      ] as const) {
        node.file(name, text)
      }
      mkdirSync(join(String(node.config.confDir), '12-directory.conf'))
      const pipe = node.pipe('pipe')
      node.file('13.conf', '{"name":"y","type":"z"}')
      node.network('a', ['bridge'])
      await touchesNothing(node, async () => {
        const { code, stdout, stderr } = await node.run('ADD', { config: networks })
        assert.is(code, 0, stdout)
        for (let index = 0; index <= 11; index++) {
          assert.match(stderr, new RegExp(`/${String(index).padStart(2, '0')}-[a-z-]+\\.`))
        }
      })
      assert.equal(node.words(), ['ADD bridge eth0'])
      assert.ok(existsSync(pipe.path))
    },
  )

  onNode(it, 'a network that is broken itself is refused, with its file', async (node) => {
    node.file('a.conf', 'null')
    await touchesNothing(node, async () => {
      const { code, msg, stderr } = await node.fail('ADD', { config: networks })
      assert.is(code, 7)
      assert.match(msg, 'unknown-network')
      assert.match(stderr, 'a.conf#')
    })
    assert.equal(node.stateFiles(), [])
  })

  onNode(it, 'a network that there is none of, a directory that there is none of', async (node) => {
    for (const confDir of [node.config.confDir, '/nonexistent/conf', `${node.bin}/multus`]) {
      const { code, msg } = await node.fail('ADD', { config: { ...networks, confDir } })
      assert.is(code, 7)
      assert.match(msg, 'unknown-network')
    }
  })

  onNode(it, 'nothing to attach', async (node) => {
    for (const defaultDelegates of [undefined, '', '[]', ' ', ',']) {
      const { code } = await node.fail('ADD', { config: { defaultDelegates } })
      assert.is(code, 7, String(defaultDelegates))
    }
    assert.equal(node.stateFiles(), [])
  })

  onNode(it, 'a plugin that there is none of: nothing to undo, nothing recorded', async (node) => {
    node.network('a', ['missing'])
    const { code, msg } = await node.fail('ADD', { config: networks })
    assert.is(code, 999)
    assert.match(
      msg,
      'network "a" interface "eth0": plugin missing failed (add): failed to find plugin "missing" in path',
    )
    assert.equal(node.stateFiles(), ['.metacni/'])
  })

  onNode(it, 'plugin types that leave the directory', async (node) => {
    for (const type of ['../bin/bridge', '/bin/sh', '.', '..']) {
      node.network('a', [type])
      const { code } = await node.fail('ADD', { config: networks })
      assert.ok(code === 7 || code === 999, `${type} ${code}`)
    }
  })

  onNode(it, 'a state directory that cannot be made: nothing runs', async (node) => {
    node.install('bridge')
    node.network('a', ['bridge'])
    writeFileSync(join(node.directory, 'file'), '')
    for (const cniDir of [join(node.directory, 'file'), '/proc/nonexistent', '/dev/null/x']) {
      const { code, msg } = await node.fail('ADD', { config: { ...networks, cniDir } })
      assert.is(code, 5, cniDir)
      assert.match(msg, 'journal: ')
    }
    assert.equal(node.calls(), [])
  })
})
