import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { decodePlan, hash } from '../../lib/index.js'
import { describe } from '../suite.js'
import { type Ended, type Folder, metacni, network, withFolder } from './command.js'

const files = {
  'net.d/a.conf': network({ name: 'a', type: 'bridge', bridge: 'br7' }),
  'net.d/b.conf': network({ name: 'b', type: 'ptp', capabilities: { portMappings: true } }),
  'net.d/c.conflist': network({ name: 'c', plugins: [{ type: 'macvlan' }, { type: 'tuning' }] }),
  'config.json': '{"cniVersion":"0.4.0","name":"meta","type":"multus","defaultDelegates":"a,b"}',
  'pod.yaml': `
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      annotations:
        tke.cloud.tencent.com/networks: 'c,a@eth5'
    `,
}

/** Control sequences of seven and of eight bits, and characters that turn a text around or do not show. */
const evil = '\u001b[2J \u009b2J \u202eabc\u2028 \u{e0041}'

const inNode = (body: (folder: Folder) => Promise<void>, more: Record<string, string> = {}) =>
  withFolder({ ...files, ...more }, body)

const planOf = ({ stdout }: Ended) => JSON.parse(stdout)
const namesOf = (ended: Ended) =>
  planOf(ended).attachments.map(
    (one: { network: { name: string }; ifname: string }) => `${one.network.name}@${one.ifname}`,
  )

/** The codes of a refused plan, after a check of its form. */
const codesOf = ({ exitCode, stdout, stderr }: Ended): readonly string[] => {
  const refusal = JSON.parse(stdout)
  assert.is(exitCode, 1)
  assert.is(stderr, '')
  assert.equal(Object.keys(refusal), ['problems', 'partial'])
  assert.is(refusal.partial.version, 1)
  for (const problem of refusal.problems) {
    assert.is(problem.severity, 'error')
    assert.type(problem.message, 'string')
    assert.match(problem.path, '#')
  }
  return refusal.problems.map(({ code }: { code: string }) => code)
}

describe('metacni plan', (it) => {
  it('prints a table: interface, network, type, primary, description', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--pod', at('pod.yaml'), '--conf-dir', at('net.d')]
      const { exitCode, stdout, stderr } = await metacni([...args, '--config', at('config.json')])
      assert.is(stderr, '')
      assert.is(exitCode, 0)
      const cells = stdout.split('\n').map((line) => line.split('│').map((cell) => cell.trim()))
      const rows = cells.filter((row) => row.length > 1).map((row) => row.slice(1, -1))
      assert.equal(rows, [
        ['interface', 'network', 'type', 'primary', 'description'],
        ['eth0', 'c', 'macvlan + tuning', 'yes', rows[1]?.[4]],
        ['eth5', 'a', 'bridge', 'no', 'veth pair on bridge br7'],
      ])
      assert.match(rows[1]?.[4] ?? '', /macvlan .*with tuning/)
    }))

  it('prints the Plan with -o json: version, attachments, merge, resultVersion, decisions, warnings', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--pod', at('pod.yaml'), '--conf-dir', at('net.d'), '-o', 'json']
      const ended = await metacni([...args, '--config', at('config.json')])
      assert.is(ended.stderr, '')
      const plan = planOf(ended)
      assert.equal(Object.keys(plan), [
        'version',
        'attachments',
        'merge',
        'resultVersion',
        'decisions',
        'warnings',
      ])
      assert.is(plan.version, 1)
      assert.is(plan.resultVersion, '0.4.0')
      assert.is(plan.merge, 'primaryResultOnly')
      assert.equal(namesOf(ended), ['c@eth0', 'a@eth5'])
      assert.equal(plan.warnings, [])
    }))

  it('prints the same Plan with -o yaml', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--pod', at('pod.yaml'), '--conf-dir', at('net.d'), '-o']
      const json = await metacni([...args, 'json'])
      const yaml = await metacni([...args, 'yaml'])
      assert.is(yaml.exitCode, 0)
      assert.equal(parse(yaml.stdout), planOf(json))
    }))

  it('takes --networks in place of a manifest', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'a,b@eth5', '--conf-dir', at('net.d'), '-o', 'json']
      assert.equal(namesOf(await metacni(args)), ['a@eth0', 'b@eth5'])
      const both = [...args, '--pod', at('pod.yaml')]
      assert.equal(namesOf(await metacni(both)), ['a@eth0', 'b@eth5'])
    }))

  it('takes the default networks for a pod without annotation, and --default-delegates in their place', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--config', at('config.json'), '--conf-dir', at('net.d'), '-o', 'json']
      assert.equal(namesOf(await metacni(args)), ['a@eth0', 'b@eth1'])
      assert.equal(namesOf(await metacni([...args, '--default-delegates', 'c'])), ['c@eth0'])
    }))

  it('plans for the annotations that a configuration holds as the plugin does, unless there is a --pod', () =>
    inNode(async ({ at, read }) => {
      const networks = 'b,a@net7'
      const sent = { 'tke.cloud.tencent.com/networks': networks, note: '<'.repeat(1_500_000) }
      const runtimeConfig = { 'io.kubernetes.cri.pod-annotations': sent }
      const config = { ...JSON.parse(read('config.json')), runtimeConfig }
      const args = ['plan', '--config', '-', '--conf-dir', at('net.d'), '-o', 'json']
      const stdin = JSON.stringify(config)
      assert.equal(namesOf(await metacni(args, { stdin })), ['b@eth0', 'a@net7'])
      const pod = ['--pod', at('pod.yaml')]
      assert.equal(
        namesOf(await metacni([...args, ...pod], { stdin })),
        namesOf(await metacni([...args.slice(0, 1), ...args.slice(3), ...pod])),
      )
      runtimeConfig['io.kubernetes.cri.pod-annotations'] = 'none' as never
      const wrong = { stdin: JSON.stringify({ ...config, runtimeConfig }) }
      assert.equal(codesOf(await metacni(args, wrong)), ['bad-pod'])
    }))

  it('takes the interface of the primary network from --ifname', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'a,b', '--conf-dir', at('net.d'), '--ifname', 'net0']
      assert.equal(namesOf(await metacni([...args, '-o', 'json'])), ['a@net0', 'b@eth1'])
    }))

  it('takes the rules of a profile from --profile', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--default-delegates', 'a', '--networks', 'b', '-o', 'json']
      const ended = await metacni([...args, '--conf-dir', at('net.d'), '--profile', 'multus'])
      assert.equal(namesOf(ended), ['a@eth0', 'b@net1'])
      const unknown = [...args, '--conf-dir', at('net.d'), '--profile', '__proto__']
      assert.equal(codesOf(await metacni(unknown)), ['unknown-profile'])
    }))

  it('offers --capability-args to the primary network', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'b', '--conf-dir', at('net.d'), '-o', 'json']
      const offered = '{"portMappings":[{"hostPort":8080,"containerPort":80}]}'
      const { attachments } = planOf(await metacni([...args, '--capability-args', offered]))
      assert.equal(attachments[0].capabilityArgs, JSON.parse(offered))
    }))

  it('reads the manifest from stdin with --pod -', () =>
    inNode(async ({ at, read }) => {
      const args = ['plan', '--pod', '-', '--conf-dir', at('net.d'), '-o', 'json']
      assert.equal(namesOf(await metacni(args, { stdin: read('pod.yaml') })), ['c@eth0', 'a@eth5'])
      const twice = await metacni([...args, '--config', '-'], { stdin: read('pod.yaml') })
      assert.ok(codesOf(twice).includes('bad-pod'))
    }))

  it('takes one pod of several by --pod-name', () => {
    const pod = (name: string, networks: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, annotations: {tke.cloud.tencent.com/networks: ${networks}}}\n`
    const pods = `${pod('one', 'a')}---\n${pod('two', 'b')}`
    return inNode(
      async ({ at }) => {
        const args = ['plan', '--pod', at('pods.yaml'), '--conf-dir', at('net.d'), '-o', 'json']
        assert.equal(codesOf(await metacni(args)), ['bad-pod'])
        assert.equal(namesOf(await metacni([...args, '--pod-name', 'two'])), ['b@eth0'])
        assert.equal(namesOf(await metacni([...args, '--pod-name', 'default/one'])), ['a@eth0'])
      },
      { 'pods.yaml': pods },
    )
  })

  it('searches several --conf-dir, the first one first, and the confDir of the configuration without any', () =>
    inNode(
      async ({ at }) => {
        const args = ['plan', '--networks', 'a', '-o', 'json']
        const sourceOf = async (...more: string[]) =>
          planOf(await metacni([...args, ...more])).attachments[0].network.source.file
        const both = ['--conf-dir', at('more.d'), '--conf-dir', at('net.d')]
        assert.is(await sourceOf(...both), at('more.d/z.conf'))
        await withFolder({ 'c.json': `{"confDir":"${at('more.d')}"}` }, async (other) => {
          assert.is(await sourceOf('--config', other.at('c.json')), at('more.d/z.conf'))
        })
      },
      { 'more.d/z.conf': network({ name: 'a', type: 'ptp' }) },
    ))

  it('warns of a plugin that no --bin-dir has, and plans all the same', () =>
    inNode(
      async ({ at }) => {
        const args = ['plan', '--networks', 'a,c', '--conf-dir', at('net.d')]
        const path = ['--bin-dir', at('bin'), '--bin-dir', at('nowhere')]
        const json = await metacni([...args, ...path, '-o', 'json'])
        assert.is(json.exitCode, 0)
        const missing = planOf(json).warnings
        assert.equal(
          missing.map(({ code }: { code: string }) => code),
          ['missing-plugin', 'missing-plugin'],
        )
        assert.match(missing[0].message, '"macvlan"')
        const table = await metacni([...args, ...path])
        assert.is(table.exitCode, 0)
        assert.match(table.stderr, 'warning[missing-plugin]: no plugin "tuning" was found')
        assert.not.match(table.stdout, 'warning')
        assert.equal(planOf(await metacni([...args, '-o', 'json'])).warnings, [])
      },
      { 'bin/bridge': '#!/bin/sh\n' },
    ))

  it('colours a table on a terminal, unless NO_COLOR says no, and never off one', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'a', '--conf-dir', at('net.d'), '--bin-dir', at('.')]
      const coloured = await metacni(args, { columns: 200 })
      assert.match(coloured.stdout, '\u001b[')
      assert.match(coloured.stderr, '\u001b[')
      const plain = await metacni(args, { columns: 200, env: { NO_COLOR: '1' } })
      assert.not.match(plain.stdout + plain.stderr, '\u001b')
      const piped = await metacni(args)
      assert.not.match(piped.stdout + piped.stderr, '\u001b')
      assert.is(piped.stdout, plain.stdout)
    }))

  it('wraps the description where the terminal is narrow', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'a', '--conf-dir', at('net.d')]
      const { stdout } = await metacni(args, { columns: 62, env: { NO_COLOR: '1' } })
      const lines = stdout.trimEnd().split('\n')
      assert.ok(lines.every((line) => line.length <= 62))
      assert.match(stdout, /veth pair on *│\n│ +│ +│ +│ +│ bridge br7/)
    }))

  it('shows what a configuration says without letting it at the terminal', () =>
    inNode(
      async ({ at }) => {
        const args = ['plan', '--networks', 'evil', '--conf-dir', at('evil.d')]
        const { stdout } = await metacni(args)
        assert.not.match(stdout, '\u001b')
        assert.match(stdout, '\\u001b[2J')
      },
      { 'evil.d/e.conf': network({ name: 'evil', type: 'bridge', bridge: '\u001b[2Jbr0' }) },
    ))

  it('spells, in JSON and YAML, what a terminal would obey', () =>
    inNode(
      async ({ at }) => {
        const args = ['plan', '--networks', 'evil', '--conf-dir', at('evil.d'), '-o']
        for (const [format, read] of [
          ['json', JSON.parse],
          ['yaml', (text: string) => parse(text)],
        ] as const) {
          const { stdout } = await metacni([...args, format])
          assert.not.match(stdout, /[^\n\x20-\x7e]/)
          assert.is(read(stdout).attachments[0].config.plugins[0].bridge, evil)
        }
      },
      { 'evil.d/e.conf': network({ name: 'evil', type: 'bridge', bridge: evil }) },
    ))
})

describe('metacni plan refuses with exit code 1', (it) => {
  it('an unknown network: as data on stdout and nothing on stderr with -o json and -o yaml', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'a,nope,no-way', '--conf-dir', at('net.d')]
      const json = await metacni([...args, '-o', 'json'])
      assert.equal(codesOf(json), ['unknown-network', 'unknown-network'])
      assert.equal(
        JSON.parse(json.stdout).partial.attachments.map((one: { ifname: string }) => one.ifname),
        ['eth0'],
      )
      const yaml = await metacni([...args, '-o', 'yaml'])
      assert.is(yaml.exitCode, 1)
      assert.is(yaml.stderr, '')
      assert.equal(parse(yaml.stdout), JSON.parse(json.stdout))
    }))

  it('an unknown network: readable on stderr and nothing on stdout otherwise', () =>
    inNode(async ({ at }) => {
      for (const command of ['plan', 'explain']) {
        const args = [command, '--networks', 'a,nope', '--conf-dir', at('net.d')]
        const { exitCode, stdout, stderr } = await metacni(args)
        assert.is(exitCode, 1)
        assert.is(stdout, '')
        assert.is(
          stderr,
          'error[unknown-network]: no network is named "nope"\n' +
            '  at   networks#/1\n' +
            '  hint known: a, b, c\n' +
            'refused: 1 problem, nothing was run\n',
        )
      }
    }))

  it('a pod that names no network when there are no default ones', async () => {
    const ended = await metacni(['plan', '-o', 'json'])
    assert.equal(codesOf(ended), ['no-networks'])
  })

  const unreadable: readonly (readonly [string, readonly string[], string])[] = [
    ['a manifest that is not there', ['--pod', 'nope.yaml'], 'bad-pod'],
    ['a manifest that is a directory', ['--pod', 'net.d'], 'bad-pod'],
    ['a manifest that is not YAML', ['--pod', 'bad.yaml'], 'bad-pod'],
    ['a manifest without a pod', ['--pod', 'config.json'], 'bad-pod'],
    ['a manifest that is a device', ['--pod', '/dev/zero'], 'bad-pod'],
    ['a configuration that is not there', ['--config', 'nope.json'], 'bad-configuration'],
    ['a configuration that is not JSON', ['--config', 'bad.yaml'], 'bad-json'],
    ['a configuration that is no object', ['--config', 'list.json'], 'bad-configuration'],
    ['a directory that is not there', ['--conf-dir', 'nope'], 'unreadable-directory'],
    ['a directory that is a file', ['--conf-dir', 'config.json'], 'unreadable-directory'],
    ['capability arguments that are not JSON', ['--capability-args', '{'], 'bad-json'],
    ['capability arguments that are no object', ['--capability-args', '[]'], 'bad-json'],
  ]
  for (const [title, args, code] of unreadable) {
    it(title, () =>
      inNode(
        async ({ at }) => {
          const own = args.map((one) => (/^[-{[/]/.test(one) ? one : at(one)))
          const networks = args[0] === '--pod' ? [] : ['--networks', 'a']
          const all = [...networks, '--conf-dir', at('net.d'), ...own]
          // What follows from it is not told beside it.
          assert.equal(codesOf(await metacni(['plan', ...all, '-o', 'json'])), [code])
          const { exitCode, stdout, stderr } = await metacni(['plan', ...all])
          assert.is(exitCode, 1)
          assert.is(stdout, '')
          assert.match(stderr, `error[${code}]`)
          assert.not.match(stderr, /\n {4}at /)
        },
        { 'bad.yaml': 'a: [b', 'list.json': '[]' },
      ),
    )
  }

  it('everything that is wrong with its inputs at once', async () => {
    const args = [
      'plan',
      '--pod',
      '/nope',
      '--config',
      '/nope',
      '--conf-dir',
      '/nope',
      '-o',
      'json',
    ]
    assert.equal(codesOf(await metacni([...args, '--capability-args', 'x'])), [
      'bad-configuration',
      'bad-pod',
      'unreadable-directory',
      'bad-json',
    ])
  })

  it('an interface name that Linux does not take', () =>
    inNode(async ({ at }) => {
      const args = ['plan', '--networks', 'a', '--conf-dir', at('net.d'), '-o', 'json']
      assert.equal(codesOf(await metacni([...args, '--ifname', 'a/b'])), ['bad-ifname'])
    }))
})

describe('metacni explain', (it) => {
  it('says why each name, the order and each key of a plan', () =>
    inNode(async ({ at }) => {
      const args = ['explain', '--pod', at('pod.yaml'), '--conf-dir', at('net.d')]
      const { exitCode, stdout, stderr } = await metacni(args)
      assert.is(exitCode, 0)
      assert.is(stderr, '')
      assert.match(stdout, /c as eth0, the primary attachment/)
      assert.match(stdout, /Its interface is eth5: it was asked for/)
      assert.match(stdout, /The order is as listed/)
      assert.match(stdout, /stdin of bridge:/)
      assert.match(stdout, /type and bridge: .*net\.d\/a\.conf/)
      assert.ok(stdout.endsWith('\n'))
    }))

  it('gives the decisions and warnings of the plan as data with -o json and -o yaml', () =>
    inNode(async ({ at }) => {
      const args = ['--networks', 'a', '--conf-dir', at('net.d'), '--bin-dir', at('.'), '-o']
      const plan = planOf(await metacni(['plan', ...args, 'json']))
      const said = await metacni(['explain', ...args, 'json'])
      assert.equal(JSON.parse(said.stdout), { decisions: plan.decisions, warnings: plan.warnings })
      assert.equal(
        parse((await metacni(['explain', ...args, 'yaml'])).stdout),
        JSON.parse(said.stdout),
      )
    }))
})

describe('metacni plan with plugins beside a list (reference/cni.md 2.3)', (it) => {
  const args = (at: Folder['at'], name: string) =>
    ['plan', '--networks', name, '--conf-dir', at('net.d'), '-o', 'json'] as const

  it('plans them after those of the list, and says from which files', () =>
    inNode(
      async ({ at }) => {
        const plan = planOf(await metacni(args(at, 'c')))
        const [{ config, network: of }] = plan.attachments
        assert.equal(
          config.plugins.map(({ type }: { type: string }) => type),
          ['macvlan', 'tuning', 'sbr'],
        )
        assert.equal(of.source.plugins, [at('net.d/c/1.conf')])
      },
      { 'net.d/c/1.conf': '{"type":"sbr"}' },
    ))

  it('refuses the network of a broken one, and no other', () =>
    inNode(
      async ({ at }) => {
        assert.equal(codesOf(await metacni(args(at, 'c'))), ['unknown-network'])
        const { exitCode, stdout } = await metacni(args(at, 'a'))
        assert.is(exitCode, 0)
        const [warning] = JSON.parse(stdout).warnings
        assert.equal(warning.code, 'broken-network-file')
        assert.is(warning.path, `${at('net.d/c/1.conf')}#/type`)
      },
      { 'net.d/c/1.conf': '{}' },
    ))
})

const ipFiles = {
  'net.d/native.conflist': network({
    name: 'native',
    plugins: [
      { type: 'bridge', bridge: 'br7', ipam: { type: 'host-local', subnet: '10.1.0.0/16' } },
      { type: 'portmap' },
    ],
  }),
}

describe('metacni plan --runner ip (docs/ip-runner.md)', (it) => {
  const planIp = ({ at }: Folder, ...more: readonly string[]) =>
    metacni(['plan', '--networks', 'native', '--conf-dir', at('net.d'), ...more])

  it('tells in the table who carries out each plugin, and why', () =>
    inNode(async (folder) => {
      const { exitCode, stdout, stderr } = await planIp(folder, '--runner', 'ip')
      assert.equal([exitCode, stderr], [0, ''])
      assert.match(stdout, /│ interface +│ network +│ type +│ primary +│ engine +│ why /)
      assert.match(stdout, /│ native \+ exec +│ the type "portmap" is not native/)
    }, ipFiles))

  it('adds engines to the data, which are no part of the plan that is carried out', () =>
    inNode(async (folder) => {
      const plain = planOf(await planIp(folder, '-o', 'json'))
      const ended = await planIp(folder, '--runner', 'ip', '-o', 'json')
      const { engines, ...rest } = planOf(ended)
      assert.equal(rest, plain)
      const because = [
        'the type "portmap" is not native: bridge, loopback, macvlan, ptp, tuning are',
      ]
      const plugins = [
        { type: 'bridge', engine: 'native' },
        { type: 'portmap', engine: 'exec', because },
      ]
      assert.equal(engines, [{ network: 'native', ifname: 'eth0', plugins }])
      const decoded = decodePlan({ source: 'plan.json', text: ended.stdout })
      assert.ok(decoded.ok && hash(decoded.plan) === hash(plain))
    }, ipFiles))

  it('prints the commands, with names that follow from the container', () =>
    inNode(async (folder) => {
      const known = ['--container-id', 'web', '--netns', '/run/netns/web']
      const { exitCode, stdout, stderr } = await planIp(
        folder,
        '--runner',
        'ip',
        '-o',
        'commands',
        ...known,
      )
      assert.equal([exitCode, stderr], [0, ''])
      assert.match(
        stdout,
        /^ip link add name eth0 netns \/run\/netns\/web .* peer name veth[0-9a-f]{8} /m,
      )
      assert.match(stdout, '<address of 10.1.0.0/16>')
      assert.match(stdout, '# eth0, network native: portmap\n# not shown, its binary is called:')
    }, ipFiles))

  it('ends with exit code 1 where a plugin would refuse, and says so', () =>
    inNode(
      async (folder) => {
        const { exitCode, stdout } = await planIp(folder, '--runner', 'ip', '-o', 'commands')
        assert.is(exitCode, 1)
        assert.match(stdout, '# refused: cannot set hairpin mode and promiscuous mode')
      },
      {
        'net.d/native.conf': network({
          name: 'native',
          type: 'bridge',
          hairpinMode: true,
          promiscMode: true,
        }),
      },
    ))

  it('refuses commands without the runner, and names that CNI does not allow', () =>
    inNode(async (folder) => {
      const without = await planIp(folder, '-o', 'commands')
      assert.is(without.exitCode, 1)
      assert.match(without.stderr, 'give --runner ip, too')
      const wrong = await planIp(
        folder,
        '--runner',
        'ip',
        '-o',
        'commands',
        '--container-id',
        '../x',
      )
      assert.is(wrong.exitCode, 1)
      assert.match(wrong.stderr, 'bad-container-id')
    }, ipFiles))
})
