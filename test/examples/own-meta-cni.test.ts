/** The example that leads the README, as a runtime would call it. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { type Ended, runProgram } from './program.js'

const fixtures = new URL('../fixtures/acme', import.meta.url).pathname
const configuration = {
  cniVersion: '1.0.0',
  name: 'acme',
  type: 'acme',
  defaultDelegates: 'base',
  token: 'not-for-the-disk',
}

interface Node {
  /** Calls the plugin as a runtime does. */
  call(verb: string, pod: string, env?: Readonly<Record<string, string>>): Promise<Ended>
  /** The calls that its plugins got: verb and interface. */
  calls(): readonly string[]
  readonly root: string
}

const onNode = async (body: (node: Node) => Promise<void>): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'metacni-acme-'))
  cpSync(join(fixtures, 'etc'), join(root, 'etc'), { recursive: true })
  const call: Node['call'] = (verb, pod, env = {}) =>
    runProgram('examples/own-meta-cni/index.ts', {
      env: {
        ACME_ROOT: root,
        CNI_COMMAND: verb,
        CNI_CONTAINERID: 'sandbox-1',
        CNI_NETNS: '/nowhere/netns/sandbox-1',
        CNI_IFNAME: 'eth0',
        CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=${pod}`,
        CNI_PATH: join(fixtures, 'bin'),
        ...env,
      },
      stdin: JSON.stringify(configuration),
    })
  const log = join(root, 'calls')
  const calls = () =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => line.split(' ', 2).join(' '))
      : []
  try {
    await body({ call, calls, root })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

describe('examples/own-meta-cni', (it) => {
  it('attaches the default network and those of its own annotation, named and merged by its own rules', () =>
    onNode(async ({ call, calls }) => {
      const { exitCode, stdout, stderr } = await call('ADD', 'web')
      assert.is(exitCode, 0, stdout + stderr)
      assert.equal(calls(), ['ADD eth0', 'ADD storage-of-rack', 'ADD side'])
      const { cniVersion, interfaces, ips, routes } = JSON.parse(stdout)
      assert.is(cniVersion, '1.0.0')
      assert.equal(
        interfaces.map(({ name }: { name: string }) => name),
        ['eth0', 'storage-of-rack', 'side'],
      )
      assert.equal(
        ips.map((ip: { interface: number }) => ip.interface),
        [0, 1, 2],
      )
      assert.is(routes, undefined, 'the routes of the networks are left out')
    }))

  it('checks and undoes what it attached, in reverse and from the journal alone', () =>
    onNode(async ({ call, calls, root }) => {
      assert.is((await call('ADD', 'web')).exitCode, 0)
      rmSync(join(root, 'etc'), { recursive: true })
      const checked = await call('CHECK', 'web')
      assert.is(checked.exitCode, 0, checked.stdout)
      const deleted = await call('DEL', 'web', { CNI_ARGS: '', CNI_NETNS: '' })
      assert.equal(deleted, { exitCode: 0, stdout: '', stderr: '' })
      assert.equal(calls().slice(3), [
        ...['CHECK eth0', 'CHECK storage-of-rack', 'CHECK side'],
        ...['DEL side', 'DEL storage-of-rack', 'DEL eth0'],
      ])
      assert.equal(readdirSync(join(root, 'var/lib/acme/.metacni')), [])
    }))

  it('refuses a pod with every problem at once, and runs nothing', () =>
    onNode(async ({ call, calls }) => {
      const { exitCode, stdout } = await call('ADD', 'wrong')
      assert.is(exitCode, 1)
      const { code, msg, details } = JSON.parse(stdout)
      assert.is(code, 7)
      assert.match(msg, 'no network is named "missing"')
      assert.match(details, 'acme.example/networks#/0')
      assert.equal(calls(), [])
    }))

  it('gives a pod without the annotation the default network, and records nothing else of the request', () =>
    onNode(async ({ call, calls, root }) => {
      assert.is((await call('ADD', 'plain')).exitCode, 0)
      assert.equal(calls(), ['ADD eth0'])
      const record = readFileSync(join(root, 'var/lib/acme/.metacni/sandbox-1/eth0.json'), 'utf8')
      const { sandbox } = JSON.parse(record)
      assert.equal(Object.keys(sandbox).sort(), ['args', 'containerId', 'ifname', 'netns', 'path'])
      assert.not.match(record, 'not-for-the-disk')
    }))
})
