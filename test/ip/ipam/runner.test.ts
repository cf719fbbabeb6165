import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import type { Answer, Verb } from '../../../lib/cni/invocation.js'
import type { JsonObject } from '../../../lib/cni/json.js'
import { knownVersions } from '../../../lib/cni/version.js'
import { runnerContract } from '../../../runners/contract/index.js'
import { createIpam, createIpamRunner } from '../../../runners/ip/ipam/index.js'
import { makePipe, withDirectory } from '../../fixtures/marks.js'
import { describe } from '../../suite.js'
import { never, treeOf } from './engines.js'

const runner = createIpamRunner({ lock: async () => ({ kind: 'locked' }) })

const run = (
  verb: string,
  stdin: unknown,
  change: { readonly type?: unknown; readonly env?: object; readonly signal?: AbortSignal } = {},
): Promise<Answer> => {
  const env = {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: 'a',
    CNI_NETNS: '/run/netns/a',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: '',
    CNI_PATH: '',
    ...change.env,
  }
  const type = 'type' in change ? change.type : 'host-local'
  return runner.run(
    { type, verb: verb as Verb, stdin, env, path: [] } as never,
    change.signal ?? never,
  )
}

const stdinOf = (dataDir: string, more: JsonObject = {}): JsonObject => ({
  cniVersion: '1.1.0',
  name: 'net',
  ipam: { type: 'host-local', dataDir, subnet: '10.0.0.0/30' },
  ...more,
})

/** The answer in a line. */
const wordsOf = (answer: Answer): string => {
  if (answer.kind === 'success') return `success ${answer.stdout.trim()}`
  if (answer.kind === 'refused') return `${answer.error.code} ${answer.error.msg}`
  return `none ${answer.reason.kind} ${answer.reason.started}`
}

describe('the runner of address plugins keeps the contract of every runner', (it) => {
  const reason = 'host-local and static are what they are, and print no text that a test chooses'
  const cases = runnerContract(async () => ({ runner, path: [], plugins: {} }), {
    notApplicable: {
      succeeds: reason,
      printsGarbage: reason,
      refuses: reason,
      failsWithoutWords: reason,
      failsWithGarbage: reason,
      reports: reason,
      ignoresStdin: reason,
      hangs: reason,
      floods: reason,
    },
  })
  // The clauses that need plugins of a test's own cannot be checked; those of their kind stand below.
  for (const { title, notApplicable, run: check } of cases) {
    if (notApplicable === undefined) it(title, check)
  }

  it('a signal that has fired already starts nothing', () =>
    withDirectory(async (directory) => {
      const dataDir = join(directory, 'd')
      const answer = await run('ADD', stdinOf(dataDir), { signal: AbortSignal.abort() })
      assert.is(wordsOf(answer), 'none aborted false')
      assert.equal(readdirSync(directory), [])
    }))

  it('a stdin that JSON cannot express and a variable with a NUL start nothing', async () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    for (const stdin of [undefined, cycle, { a: 7n }, () => 'x']) {
      assert.is(wordsOf(await run('ADD', stdin)), 'none not-startable false')
    }
    const env = { CNI_ARGS: 'A=1\0' }
    assert.is(wordsOf(await run('ADD', stdinOf('/d'), { env })), 'none not-startable false')
  })

  it('other types are not found, and prototypes are none', async () => {
    for (const type of ['dhcp', '', 'constructor', '__proto__', 'HOST-LOCAL', 7, undefined]) {
      assert.is(wordsOf(await run('ADD', {}, { type })), 'none not-found false')
    }
  })

  it('two calls at once get two addresses', () =>
    withDirectory(async (dataDir) => {
      const real = createIpamRunner()
      const stdin = stdinOf(dataDir, { ipam: { dataDir, subnet: '10.0.0.0/24' } })
      const env = {
        CNI_COMMAND: 'ADD',
        CNI_NETNS: '/n',
        CNI_IFNAME: 'eth0',
        CNI_ARGS: '',
        CNI_PATH: '',
      } as const
      const answers = await Promise.all(
        ['a', 'b', 'c'].map((id) =>
          real.run(
            {
              type: 'host-local',
              verb: 'ADD',
              stdin,
              env: { ...env, CNI_CONTAINERID: id },
              path: [],
            },
            never,
          ),
        ),
      )
      assert.is(new Set(answers.map(wordsOf)).size, 3)
    }))
})

describe('the verbs of the native address plugins', (it) => {
  it('VERSION lists every version (SPEC "VERSION")', async () => {
    const answer = await run('VERSION', { cniVersion: '1.0.0' })
    assert.ok(answer.kind === 'success')
    assert.equal(JSON.parse(answer.stdout), {
      cniVersion: '1.0.0',
      supportedVersions: knownVersions,
    })
  })

  it('a verb that does not exist, and GC and STATUS before 1.1.0, are refused as by Go', async () => {
    assert.is(wordsOf(await run('GET', stdinOf('/d'))), '4 unknown CNI_COMMAND: GET')
    for (const verb of ['GC', 'STATUS']) {
      const old = stdinOf('/d', { cniVersion: '1.0.0' })
      assert.is(wordsOf(await run(verb, old)), `1 config version does not allow ${verb}`)
    }
  })

  it('STATUS of host-local is 50 when nothing is left (SPEC "STATUS"), 7 for a wrong configuration', () =>
    withDirectory(async (dataDir) => {
      assert.is(wordsOf(await run('STATUS', stdinOf(dataDir))), 'success ')
      assert.equal(readdirSync(dataDir), [])
      await run('ADD', stdinOf(dataDir))
      assert.match(wordsOf(await run('STATUS', stdinOf(dataDir))), /^50 no IP addresses available/)
      assert.match(
        wordsOf(await run('STATUS', stdinOf(dataDir, { ipam: { dataDir } }))),
        /^7 no IP/,
      )
      assert.is(wordsOf(await run('STATUS', stdinOf(dataDir), { type: 'static' })), 'success ')
    }))

  it('GC releases what its list does not name, and leaves alone what is no attachment (SPEC "GC")', () =>
    withDirectory(async (dataDir) => {
      mkdirSync(join(dataDir, 'net'))
      for (const [name, text] of [
        ['10.0.0.2', 'a\r\neth0'],
        ['10.0.0.3', 'a\r\neth1'],
        ['10.0.0.4', 'b\r\neth0'],
        ['10.0.0.5', ''],
        ['10.0.0.6', 'reserved-by-hand'],
        ['README', 'c\r\neth0'],
      ] as const) {
        writeFileSync(join(dataDir, 'net', name), text)
      }
      const before = treeOf(dataDir)
      const valid = [{ containerID: 'a', ifname: 'eth0' }]
      for (const list of [undefined, 'x', [{ containerID: 'a' }]]) {
        const stdin = stdinOf(dataDir, { 'cni.dev/valid-attachments': list })
        assert.match(wordsOf(await run('GC', stdin)), /^7 /)
      }
      assert.equal(treeOf(dataDir), before)
      const stdin = stdinOf(dataDir, { 'cni.dev/valid-attachments': valid })
      assert.is(wordsOf(await run('GC', stdin)), 'success ')
      assert.equal(readdirSync(join(dataDir, 'net')).sort(), [
        '10.0.0.2',
        '10.0.0.5',
        '10.0.0.6',
        'README',
        'lock',
      ])
      const other = stdinOf(dataDir, { name: 'other', 'cni.dev/valid-attachments': null })
      assert.is(wordsOf(await run('GC', other)), 'success ')
      assert.equal(readdirSync(dataDir), ['net'])
    }))

  it('resolvConf is read so far and no further, and no pipe makes ADD wait', () =>
    withDirectory(async (dataDir) => {
      const resolvConf = join(dataDir, 'resolv.conf')
      const ipam = { dataDir, subnet: '10.0.0.0/29', resolvConf }
      writeFileSync(resolvConf, 'x'.repeat(2 * 1024 * 1024))
      assert.match(wordsOf(await run('ADD', stdinOf(dataDir, { ipam }))), /^999 .*longer than/)
      const pipe = makePipe(join(dataDir, 'pipe'))
      const stdin = stdinOf(dataDir, { ipam: { ...ipam, resolvConf: pipe } })
      assert.match(wordsOf(await run('ADD', stdin)), /^999 .*not a regular file/)
      assert.not(readdirSync(dataDir).includes('net'))
    }))
})

describe('the address plugins for a caller in the same process', (it) => {
  const ipam = createIpam({ lock: async () => ({ kind: 'locked' }) })

  it('are found by their type', () => {
    assert.ok(ipam.pluginOf('host-local'))
    assert.ok(ipam.pluginOf('static'))
    assert.is(ipam.pluginOf('dhcp'), undefined)
  })

  it('give addresses without text in between, and refuse owners that lead elsewhere (code 4)', () =>
    withDirectory(async (dataDir) => {
      const plugin = ipam.pluginOf('host-local')
      assert.ok(plugin)
      const stdin = stdinOf(dataDir)
      const call = { stdin, args: '', owner: { containerId: 'a', ifname: 'eth0' } }
      assert.equal(
        await plugin.allocate(call, never),
        E.right({ ips: [{ address: '10.0.0.2/30', gateway: '10.0.0.1' }], routes: [], dns: {} }),
      )
      for (const owner of [
        { containerId: '', ifname: 'eth0' },
        { containerId: '../a', ifname: 'eth0' },
        { containerId: 'a', ifname: '' },
        { containerId: 'a', ifname: 'a\r\nb' },
      ]) {
        for (const verb of ['allocate', 'release', 'check'] as const) {
          const answer: E.Either<{ readonly code: number }, unknown> = await plugin[verb](
            { ...call, owner },
            never,
          )
          assert.is(E.isLeft(answer) && answer.left.code, 4, `${verb} ${JSON.stringify(owner)}`)
        }
      }
      assert.equal(await plugin.release(call, never), E.right(undefined))
      assert.equal(readdirSync(join(dataDir, 'net')).sort(), ['last_reserved_ip.0', 'lock'])
    }))

  it('answer any configuration at all, and write nowhere but in their pool (property)', () =>
    withDirectory(async (directory) => {
      const dataDir = join(directory, 'd')
      mkdirSync(dataDir)
      const text = fc.oneof(
        fc.constantFrom('10.0.0.0/29', '10.0.0.9', '2001:db8::/64', '::', '../x', '', '\0', '/'),
        fc.string({ unit: 'binary', maxLength: 8 }),
      )
      const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }))
      const record = fc.dictionary(
        fc.constantFrom(
          'subnet',
          'rangeStart',
          'rangeEnd',
          'gateway',
          'routes',
          'addresses',
          'dns',
          '__proto__',
        ),
        value,
      )
      const stdin = fc.record({
        name: fc.oneof(fc.constant('net'), value),
        cniVersion: fc.constantFrom('0.2.0', '1.0.0', '1.1.0'),
        ipam: fc.oneof(
          record.map((some) => ({ ...some, dataDir })),
          record.map((some) => ({ ranges: [[some]], subnet: '10.0.0.0/29', dataDir })),
        ),
        runtimeConfig: fc.oneof(value, fc.record({ ips: value, ipRanges: value })),
        'cni.dev/valid-attachments': value,
        prevResult: value,
      })
      const verbs = fc.constantFrom('ADD', 'DEL', 'CHECK', 'GC', 'STATUS')
      const types = fc.constantFrom('host-local', 'static')
      await fc.assert(
        fc.asyncProperty(verbs, types, stdin, text, async (verb, type, config, args) => {
          const answer = await run(verb, config, { type, env: { CNI_ARGS: args } })
          assert.ok(answer.kind !== 'none' || args.includes('\0'), wordsOf(answer))
          assert.equal(readdirSync(directory), ['d'])
        }),
        { seed: 20262, numRuns: 400 },
      )
      const strange = treeOf(dataDir).filter(
        (line) => !/^[a-zA-Z0-9][\w.-]*\/( |lock |last_reserved_ip\.\d+ |[0-9a-f.:]+ )/.test(line),
      )
      assert.equal(strange, [])
    }))
})
