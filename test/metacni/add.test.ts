import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { describe } from '../suite.js'
import {
  createMark,
  type Ended,
  type Folder,
  metacni,
  network,
  stubs,
  withFolder,
} from './command.js'

const subnet = { type: 'host-local', subnet: '10.1.0.0/24' }
const files = {
  'net.d/bridge.conf': network({ name: 'bridge', type: 'bridge', isGateway: true, ipam: subnet }),
  'net.d/vf.conf': network({ name: 'vf', type: 'sriov', if0: 'enp2s0', vlan: 210, l2enable: true }),
  'net.d/ports.conf': network({
    name: 'ports',
    type: 'stub',
    capabilities: { portMappings: true },
  }),
  'net.d/good.conf': network({ name: 'good', type: 'stub' }),
  'net.d/bad.conf': network({ name: 'bad', type: 'stub', fail: 'ADD' }),
  'net.d/stuck.conf': network({ name: 'stuck', type: 'stub', wait: 'ADD' }),
}

const inNode = <A>(body: (folder: Folder) => Promise<A>, more: Record<string, string> = {}) =>
  withFolder({ ...files, ...more }, body)

const container = ['--netns', '/run/netns/blue', '--container-id', 'blue']

/** An ADD on the simulated node. */
const rehearse = (folder: Folder, networks: string, ...more: readonly string[]) =>
  metacni([
    ...['add', '--runner', 'memory', ...container],
    ...['--networks', networks, '--conf-dir', folder.at('net.d'), ...more],
  ])

/** A command on stub plugins, in a state directory. */
const real = (folder: Folder, args: readonly string[], world: Parameters<typeof metacni>[1] = {}) =>
  metacni([...args, '--state-dir', folder.at('state')], {
    ...world,
    env: { CALLS: folder.at('calls'), MARK: folder.at('mark'), ...world.env },
  })

const addOf = (folder: Folder, networks: string, ...more: readonly string[]) => [
  ...['add', ...container, '--bin-dir', stubs],
  ...['--networks', networks, '--conf-dir', folder.at('net.d'), ...more],
]

/** What stubs were called with: verb and interface. */
const callsOf = ({ at, read }: Folder): readonly string[] =>
  existsSync(at('calls'))
    ? read('calls')
        .trim()
        .split('\n')
        .map((line) => line.split(' ', 2).join(' '))
    : []

const rowsOf = (stdout: string): readonly (readonly string[])[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

/**
 * The problem codes of a refused call, after a check of its form: a CNI error object that bears them, and what could be
 * planned where planning failed.
 */
const codesOf = (
  { exitCode, stdout, stderr }: Ended,
  part: 'partial' | 'no plan' = 'partial',
): readonly string[] => {
  const refusal = JSON.parse(stdout)
  assert.is(exitCode, 1)
  assert.is(stderr, '')
  const keys = ['cniVersion', 'code', 'msg', 'details', 'problems']
  assert.equal(Object.keys(refusal), part === 'partial' ? [...keys, part] : keys)
  assert.is(refusal.code, refusal.problems[0].cniCode)
  return refusal.problems.map(({ code }: { code: string }) => code)
}

describe('metacni add on a simulated node', (it) => {
  it('prints the CNI result of the primary network, in the configured version, and nothing on stderr', () =>
    inNode(
      async (folder) => {
        const ended = await rehearse(folder, 'bridge,vf', '--config', folder.at('c.json'))
        assert.is(ended.stderr, '')
        assert.is(ended.exitCode, 0)
        const result = JSON.parse(ended.stdout)
        assert.is(result.cniVersion, '0.4.0')
        assert.equal(result.ips[0].address, '10.1.0.2/24')
        assert.is(result.interfaces.at(-1).sandbox, '/run/netns/blue')
      },
      { 'c.json': '{"cniVersion":"0.4.0","name":"m","type":"multus"}' },
    ))

  it('prints the same with -o yaml', () =>
    inNode(async (folder) => {
      const json = await rehearse(folder, 'bridge')
      const yaml = await rehearse(folder, 'bridge', '-o', 'yaml')
      assert.equal(parse(yaml.stdout), JSON.parse(json.stdout))
    }))

  it("prints the pod's interfaces with addresses and descriptions with -o table, and the virtual functions", () =>
    inNode(async (folder) => {
      const { exitCode, stdout, stderr } = await rehearse(folder, 'bridge,vf@north', '-o', 'table')
      assert.is(stderr, '')
      assert.is(exitCode, 0)
      const rows = rowsOf(stdout)
      assert.equal(rows[0], ['interface', 'addresses', 'mac', 'network', 'description'])
      assert.equal(
        rows.slice(1, 5).map(([name, addresses, , network]) => [name, addresses, network]),
        [
          ['lo', '127.0.0.1/8', '-'],
          ['', '::1/128', ''],
          ['eth0', '10.1.0.2/24', 'bridge'],
          ['north', '-', 'vf'],
        ],
      )
      assert.is(rows[4]?.[4], 'VF of enp2s0 with VLAN ID 210, assigned by SR-IOV')
      assert.match(stdout, '\nvirtual functions of enp2s0\n')
      const functions = rows.slice(6).map(([vf, , vlan, , user]) => [vf, vlan, user])
      assert.equal(functions.slice(0, 2), [
        ['0', '210', 'blue north'],
        ['1', '-', '-'],
      ])
    }))

  it('keeps nothing without --state-dir: the node lives for the call', () =>
    inNode(async (folder) => {
      const first = await rehearse(folder, 'bridge')
      const second = await rehearse(folder, 'bridge')
      assert.is(second.stdout, first.stdout)
      assert.equal(readdirSync(folder.at('.')), ['net.d'])
    }))

  it('keeps its node in --state-dir, private, and nothing beside it', () =>
    inNode(async (folder) => {
      await rehearse(folder, 'bridge', '--state-dir', folder.at('a/state'))
      assert.equal(readdirSync(folder.at('.')).sort(), ['a', 'net.d'])
      const modeOf = (path: string) => statSync(folder.at(`a/state/${path}`)).mode & 0o777
      assert.is(modeOf('node.json'), 0o600)
      assert.is(modeOf('.'), 0o700)
      assert.is(modeOf('.metacni'), 0o700)
      assert.is(modeOf('.metacni/blue/eth0.json'), 0o600)
      assert.equal(readdirSync(folder.at('a/state')).sort(), ['.metacni', 'node.json'])
    }))

  it('goes on with the node of its state directory: another container gets another address', () =>
    inNode(async (folder) => {
      const state = ['--state-dir', folder.at('state')]
      await rehearse(folder, 'bridge', ...state)
      const args = ['add', '--netns', '/run/netns/red', '--container-id', 'red', ...state]
      // Without --runner, too: the directory holds a simulated node.
      const { stdout } = await metacni([
        ...args,
        ...['--networks', 'bridge', '--conf-dir', folder.at('net.d')],
      ])
      assert.is(JSON.parse(stdout).ips[0].address, '10.1.0.3/24')
      const again = await rehearse(folder, 'bridge', ...state)
      assert.is(again.exitCode, 1)
      assert.match(JSON.parse(again.stdout).msg, 'has an attachment for CNI_IFNAME eth0 already')
    }))

  it('lets one command after the other at the node: containers attached at once share no address', () =>
    inNode(async (folder) => {
      const ended = await Promise.all(
        ['a', 'b', 'c', 'd', 'e'].map((id) =>
          metacni([
            ...['add', '--runner', 'memory', '--state-dir', folder.at('state')],
            ...['--netns', `/run/netns/${id}`, '--container-id', id],
            ...['--networks', 'bridge', '--conf-dir', folder.at('net.d')],
          ]),
        ),
      )
      const addresses = ended.map(({ stdout }) => JSON.parse(stdout).ips[0].address).sort()
      assert.equal(
        addresses,
        [2, 3, 4, 5, 6].map((host) => `10.1.0.${host}/24`),
      )
    }))

  it('undoes what it attached when a later network fails, and says so', () =>
    inNode(
      async (folder) => {
        const state = ['--state-dir', folder.at('state')]
        const ended = await rehearse(folder, 'bridge,late', ...state)
        assert.is(ended.exitCode, 1)
        assert.match(JSON.parse(ended.stdout).msg, /network "late" interface "eth1"/)
        assert.match(ended.stderr, 'bridge@eth0')
        const node = JSON.parse(readFileSync(folder.at('state/node.json'), 'utf8'))
        assert.not.match(JSON.stringify(node), '"containerId":"blue"')
        assert.equal(readdirSync(folder.at('state/.metacni')), [])
      },
      { 'net.d/late.conf': network({ name: 'late', type: 'nobody-has-this' }) },
    ))

  it('refuses a state directory whose node cannot be read, and one that plugin binaries used', () =>
    inNode(
      async (folder) => {
        const broken = await rehearse(folder, 'bridge', '--state-dir', folder.at('broken'))
        assert.equal(codesOf(broken, 'no plan'), ['bad-configuration'])
        assert.is(folder.read('broken/node.json'), '{"version":9}')
        await real(folder, addOf(folder, 'good'))
        const mixed = await rehearse(folder, 'bridge', '--state-dir', folder.at('state'))
        assert.equal(codesOf(mixed, 'no plan'), ['bad-configuration'])
        assert.not.ok(existsSync(folder.at('state/node.json')))
        await rehearse(folder, 'bridge', '--state-dir', folder.at('simulated'))
        const simulated = ['--state-dir', folder.at('simulated')]
        const other = await metacni([...addOf(folder, 'good', '--runner', 'exec'), ...simulated])
        assert.equal(codesOf(other, 'no plan'), ['bad-configuration'])
        const third = await metacni([...addOf(folder, 'good', '--runner', 'ip'), ...simulated])
        assert.equal(codesOf(third, 'no plan'), ['bad-configuration'])
      },
      { 'broken/node.json': '{"version":9}' },
    ))
})

describe('metacni add --runner ip (docs/ip-runner.md)', (it) => {
  it('calls binaries where it must, and says why one that is not there was needed', () =>
    inNode(
      async (folder) => {
        assert.is((await real(folder, addOf(folder, 'good', '--runner', 'ip'))).exitCode, 0)
        const args = addOf(folder, 'vlan', '--runner', 'ip', '--state-dir', folder.at('other'))
        const { exitCode, stdout } = await metacni(args, { env: { PATH: '/nowhere' } })
        assert.is(exitCode, 1)
        assert.match(
          JSON.parse(stdout).msg,
          'it is needed because "vlan" is 5, the machine has no ip, ',
        )
      },
      { 'net.d/vlan.conf': network({ name: 'vlan', type: 'bridge', vlan: 5 }) },
    ))
})

describe('metacni add of a saved plan', (it) => {
  const save = async (folder: Folder, networks: string, ...more: readonly string[]) => {
    const args = ['plan', '--networks', networks, '--conf-dir', folder.at('net.d'), ...more]
    return (await metacni([...args, '-o', 'json'])).stdout
  }
  const carryOut = (text: string, ...more: readonly string[]) =>
    withFolder({ 'plan.json': text }, ({ at }) =>
      metacni([
        ...['add', '--runner', 'memory', ...container],
        ...['--plan', at('plan.json'), ...more],
      ]),
    )

  it('carries it out without its inputs, and from stdin', () =>
    inNode(async (folder) => {
      const text = await save(folder, 'bridge,vf')
      const direct = await rehearse(folder, 'bridge,vf')
      assert.is((await carryOut(text)).stdout, direct.stdout)
      const args = ['add', '--runner', 'memory', ...container, '--plan', '-']
      assert.is((await metacni(args, { stdin: text })).stdout, direct.stdout)
    }))

  it('carries it out when the inputs beside it lead to the same plan', () =>
    inNode(async (folder) => {
      const text = await save(folder, 'bridge,vf')
      const inputs = ['--networks', 'bridge,vf', '--conf-dir', folder.at('net.d')]
      assert.is((await carryOut(text, ...inputs)).exitCode, 0)
    }))

  it('refuses it as plan-changed when they lead to another one, and says what changed', () =>
    inNode(async (folder) => {
      const text = await save(folder, 'bridge,vf')
      const inputs = ['--networks', 'bridge', '--conf-dir', folder.at('net.d')]
      const state = ['--state-dir', folder.at('state')]
      const json = await carryOut(text, ...inputs, ...state)
      assert.equal(codesOf(json), ['plan-changed'])
      assert.match(JSON.parse(json.stdout).problems[0].message, '- vf@eth1 is removed')
      const table = await carryOut(text, ...inputs, '-o', 'table')
      assert.is(table.exitCode, 1)
      assert.is(table.stdout, '')
      assert.match(table.stderr, 'error[plan-changed]')
      assert.not.ok(existsSync(folder.at('state')))
    }))

  it('refuses it as plan-changed when a network definition changed', () =>
    inNode(async (folder) => {
      const text = await save(folder, 'vf')
      const changed = {
        'vf.conf': network({ name: 'vf', type: 'sriov', if0: 'enp2s0', vlan: 211 }),
      }
      await withFolder(changed, async ({ at }) => {
        const inputs = ['--networks', 'vf', '--conf-dir', at('.')]
        assert.equal(codesOf(await carryOut(text, ...inputs)), ['plan-changed'])
      })
    }))

  it('takes the interface name of its primary network, and refuses another --ifname', () =>
    inNode(async (folder) => {
      const text = await save(folder, 'bridge', '--ifname', 'net0')
      const table = await carryOut(text, '-o', 'table')
      assert.is(rowsOf(table.stdout)[3]?.[0], 'net0')
      assert.is((await carryOut(text, '--ifname', 'net0')).exitCode, 0)
      assert.equal(codesOf(await carryOut(text, '--ifname', 'eth0')), ['plan-changed'])
    }))

  it('gives --capability-args of the call to its primary network, with or without its inputs', () =>
    inNode(async (folder) => {
      const text = await save(folder, 'ports')
      const ports = ['--capability-args', '{"portMappings":[{"hostPort":8080}]}']
      const inputs = ['--networks', 'ports', '--conf-dir', folder.at('net.d')]
      for (const more of [[], inputs]) {
        await withFolder({ 'plan.json': text }, async ({ at }) => {
          const args = ['add', ...container, '--bin-dir', stubs, '--plan', at('plan.json')]
          const ended = await real(folder, [...args, ...ports, ...more])
          assert.is(ended.exitCode, 0, ended.stdout)
          assert.match(folder.read('calls'), '"runtimeConfig":{"portMappings":[{"hostPort":8080}]}')
          await real(folder, ['del', '--container-id', 'blue'])
        })
      }
    }))

  const wrong: readonly (readonly [string, string, string])[] = [
    ['that is not JSON', '{"version":', 'bad-json'],
    ['of another version', '{"version":2}', 'bad-plan'],
    ['that is no plan', '[]', 'bad-plan'],
    ['that is empty', '', 'bad-json'],
  ]
  for (const [title, text, code] of wrong) {
    it(`refuses a plan ${title}`, async () => {
      assert.equal(codesOf(await carryOut(text), 'no plan'), [code])
      const table = await carryOut(text, '-o', 'table')
      assert.is(table.exitCode, 1)
      assert.is(table.stdout, '')
      assert.match(table.stderr, `error[${code}]`)
    })
  }

  it('refuses a plan file that is not there, is a directory, or names a plugin outside the path', async () => {
    const args = ['add', '--runner', 'memory', ...container, '--plan']
    assert.equal(codesOf(await metacni([...args, '/nope']), 'no plan'), ['bad-plan'])
    assert.equal(codesOf(await metacni([...args, '/']), 'no plan'), ['bad-plan'])
    await inNode(async (folder) => {
      const text = (await save(folder, 'good')).replaceAll('"stub"', '"../stub"')
      assert.equal(codesOf(await carryOut(text), 'no plan'), ['bad-plan'])
    })
  })
})

describe('metacni add of wrong names', (it) => {
  const wrong: readonly (readonly [string, readonly string[], string])[] = [
    ['a container id that leaves the directory', ['--container-id', '../x'], 'bad-container-id'],
    ['an empty container id', ['--container-id', ''], 'bad-container-id'],
    ['an interface name with a slash', ['--ifname', '../x'], 'bad-ifname'],
    ['an interface name of 16 bytes', ['--ifname', 'x'.repeat(16)], 'bad-ifname'],
    ['an empty namespace', ['--netns', ''], 'bad-netns'],
    ['CNI_ARGS that are no pairs', ['--cni-args', 'K8S_POD_NAME'], 'bad-cni-args'],
  ]
  for (const [title, args, code] of wrong) {
    it(`refuses ${title} before anything touches a disk`, () =>
      inNode(async (folder) => {
        const all = addOf(folder, 'good', ...args)
        assert.equal(codesOf(await real(folder, all), 'no plan'), [code])
        const table = await real(folder, [...all, '-o', 'table'])
        assert.is(table.exitCode, 1)
        assert.is(table.stdout, '')
        assert.match(table.stderr, `error[${code}]`)
        assert.equal(readdirSync(folder.at('.')), ['net.d'])
      }))
  }

  it('refuses the network namespace that it runs in itself', () =>
    inNode(async (folder) => {
      const all = addOf(folder, 'good', '--netns', '/proc/self/ns/net')
      const ended = await real(folder, all)
      assert.equal(codesOf(ended, 'no plan'), ['bad-netns'])
      assert.is(JSON.parse(ended.stdout).code, 8)
      assert.equal(callsOf(folder), [])
    }))

  it('refuses a state directory that cannot be made, also where mkdir -p would never end', () =>
    inNode(async (folder) => {
      for (const directory of ['/proc/nope', folder.at('net.d/bad.conf')]) {
        for (const runner of ['exec', 'memory']) {
          const args = addOf(folder, 'good', '--runner', runner, '--state-dir', directory)
          assert.is(codesOf(await metacni(args), 'no plan').length, 1)
        }
      }
    }))
})

describe('metacni add with plugin binaries', (it) => {
  it('calls every plugin in order, with CNI_ARGS and the search path, and records them', () =>
    inNode(async (folder) => {
      const args = addOf(folder, 'good,ports', '--cni-args', 'IgnoreUnknown=1;K8S_POD_NAME=web')
      const ended = await real(folder, args, { env: { CNI_PATH: '/nope:/nor-this' } })
      assert.is(ended.exitCode, 0, ended.stdout)
      assert.equal(callsOf(folder), ['ADD eth0', 'ADD eth1'])
      const call = folder.read('calls')
      assert.match(call, 'args=IgnoreUnknown=1;K8S_POD_NAME=web ')
      assert.match(call, `path=/nope:/nor-this:${stubs}:/opt/cni/bin `)
      const record = JSON.parse(folder.read('state/.metacni/blue/eth0.json'))
      assert.equal(record.sandbox.path, ['/nope', '/nor-this', stubs, '/opt/cni/bin'])
    }))

  it('records a relative --netns and CNI_PATH as absolute paths: a DEL may come from anywhere', () =>
    inNode(async (folder) => {
      const here = process.cwd()
      const relative = ['--netns', 'run/blue']
      const added = await real(folder, addOf(folder, 'good', ...relative), {
        env: { CNI_PATH: 'own/bin' },
      })
      assert.is(added.exitCode, 0, added.stdout)
      assert.match(folder.read('calls'), ` ${here}/run/blue `)
      const { sandbox } = JSON.parse(folder.read('state/.metacni/blue/eth0.json'))
      assert.is(sandbox.netns, `${here}/run/blue`)
      assert.is(sandbox.path[0], `${here}/own/bin`)
      assert.is((await real(folder, ['del', '--container-id', 'blue', ...relative])).exitCode, 0)
      const [, del = ''] = folder.read('calls').trim().split('\n')
      assert.match(del, `DEL eth0 blue ${here}/run/blue `)
    }))

  it('searches the binDir of the configuration last', () =>
    inNode(
      async (folder) => {
        await real(folder, addOf(folder, 'good', '--config', folder.at('c.json')))
        assert.match(folder.read('calls'), `path=${stubs}:/own/bin `)
      },
      { 'c.json': '{"name":"m","type":"multus","binDir":"/own/bin","cniVersion":"1.0.0"}' },
    ))

  it('keeps its records in the cniDir of the configuration without --state-dir', () =>
    inNode(async (folder) => {
      const cniDir = folder.at('records')
      await withFolder(
        { 'c.json': JSON.stringify({ cniDir, cniVersion: '1.0.0' }) },
        async (other) => {
          const config = ['--config', other.at('c.json')]
          const env = { CALLS: folder.at('calls') }
          assert.is((await metacni(addOf(folder, 'good', ...config), { env })).exitCode, 0)
          assert.ok(existsSync(folder.at('records/.metacni/blue/eth0.json')))
          const undone = await metacni(['del', '--container-id', 'blue', ...config], { env })
          assert.is(undone.exitCode, 0)
          assert.equal(callsOf(folder), ['ADD eth0', 'DEL eth0'])
        },
      )
    }))

  it('shows the interfaces of the results with -o table', () =>
    inNode(async (folder) => {
      const { stdout } = await real(folder, addOf(folder, 'good', '-o', 'table'))
      assert.equal(rowsOf(stdout), [
        ['interface', 'addresses', 'mac', 'network', 'description'],
        ['eth0', '10.9.8.7/24', '02:00:00:00:00:01', 'good', 'attached by stub'],
      ])
    }))

  it('prints a CNI error object when a plugin fails, and says on stderr what was undone', () =>
    inNode(async (folder) => {
      const { exitCode, stdout, stderr } = await real(folder, addOf(folder, 'good,bad'))
      assert.is(exitCode, 1)
      assert.equal(JSON.parse(stdout), {
        cniVersion: '1.1.0',
        code: 123,
        msg: 'network "bad" interface "eth1": plugin stub failed (add): no such device',
        details: 'stub0',
      })
      assert.is(stderr, 'undone: bad@eth1, good@eth0\n')
      assert.equal(callsOf(folder), ['ADD eth0', 'ADD eth1', 'DEL eth1', 'DEL eth0'])
      assert.equal(readdirSync(folder.at('state/.metacni')), [])
    }))

  it('says it readable on stderr alone with -o table, with what the plugin wrote there', () =>
    inNode(async (folder) => {
      const { exitCode, stdout, stderr } = await real(folder, addOf(folder, 'bad', '-o', 'table'))
      assert.is(exitCode, 1)
      assert.is(stdout, '')
      assert.is(
        stderr,
        'error[123]: network "bad" interface "eth0": plugin stub failed (add): no such device\n' +
          '  details stub0\n' +
          '  stderr  looked everywhere\n' +
          'undone: bad@eth0\n',
      )
    }))

  it('says what is left when something could not be undone, and the next del tries again', () =>
    inNode(
      async (folder) => {
        const { stdout, stderr } = await real(folder, addOf(folder, 'clingy,bad'))
        assert.is(JSON.parse(stdout).code, 123)
        assert.is(stderr, 'undone: bad@eth1\nleft: clingy@eth0 (the next del tries again)\n')
        const again = await real(folder, ['del', '--container-id', 'blue', '-o', 'json'])
        assert.is(again.exitCode, 1)
        assert.equal(callsOf(folder).slice(-1), ['DEL eth0'])
      },
      { 'net.d/clingy.conf': network({ name: 'clingy', type: 'stub', fail: 'DEL' }) },
    ))

  it('ends a plugin that takes longer than --timeout seconds', () =>
    inNode(async (folder) => {
      const { exitCode, stdout, stderr } = await real(
        folder,
        addOf(folder, 'stuck', '--timeout', '0.3'),
      )
      assert.is(exitCode, 1)
      assert.is(JSON.parse(stdout).code, 11)
      assert.match(stdout, 'took longer than 300 ms')
      // Undone, or left where its DEL was as slow.
      assert.match(stderr, 'stuck@eth0')
    }))

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`is undone by ${signal}, and exits ${code} with a message`, () =>
      inNode(async (folder) => {
        const started = createMark(folder.at('mark'))
        const ended = await real(folder, addOf(folder, 'good,stuck'), {
          interrupts: async (interrupt) => {
            await started()
            interrupt(signal)
            interrupt(signal)
          },
        })
        assert.is(ended.exitCode, code)
        assert.is(JSON.parse(ended.stdout).code, 11)
        assert.is(
          ended.stderr,
          `${signal}: undoing what was attached\n` +
            `${signal}: still undoing what was attached\n` +
            'undone: stuck@eth1, good@eth0\n',
        )
        assert.equal(callsOf(folder), ['ADD eth0', 'ADD eth1', 'DEL eth1', 'DEL eth0'])
        assert.equal(readdirSync(folder.at('state/.metacni')), [])
      }))
  }

  it('warns, with -o table, of what the plan warns of', () =>
    inNode(
      async (folder) => {
        const args = addOf(folder, 'good', '--config', folder.at('c.json'))
        const { stdout, stderr } = await real(folder, [...args, '-o', 'table'])
        assert.is(rowsOf(stdout).length, 2)
        assert.match(stderr, 'warning[unknown-key]')
        await real(folder, ['del', '--container-id', 'blue'])
        assert.is((await real(folder, args)).stderr, '')
      },
      { 'c.json': '{"name":"m","type":"multus","cniVersion":"1.0.0","unheard":1}' },
    ))
})
