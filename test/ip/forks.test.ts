import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import * as assert from 'uvu/assert'
import { findTools } from '../crash/tools.js'
import { hold } from '../multus/namespaces.js'
import { baseEnv } from '../multus/program.js'
import { describe, type It } from '../suite.js'

const tools = findTools()

/** One call in a process of its own: `node call.cjs VERB NETNS CONFIGURATION`. */
const call = `
import { createIpRunner } from './index.js'
const [, , verb, netns, text] = process.argv
const config = JSON.parse(text)
const stdin = { cniVersion: '1.0.0', name: 'forks', ...config }
const env = {
  CNI_COMMAND: verb, CNI_CONTAINERID: 'c1', CNI_NETNS: netns, CNI_IFNAME: 'eth0', CNI_ARGS: '', CNI_PATH: '',
}
const runner = createIpRunner({ env: process.env })
void runner
  .run({ type: config.type, verb, stdin, env, path: [] }, new AbortController().signal)
  .then((answer) => {
    if (answer.kind !== 'success') throw new Error(JSON.stringify(answer))
  })
`

const limits: readonly [title: string, config: object, add: number, del: number][] = [
  ['bridge', { type: 'bridge', bridge: 'br0', isGateway: true }, 4, 3],
  ['ptp', { type: 'ptp' }, 4, 3],
  ['macvlan', { type: 'macvlan', master: 'up0' }, 4, 3],
  [
    'bridge with masquerade',
    { type: 'bridge', bridge: 'br0', isGateway: true, ipMasq: true },
    5,
    4,
  ],
]

const eachOf = (it: It, body: (...row: (typeof limits)[number]) => Promise<void>): void => {
  for (const row of limits) {
    const [title, , add, del] = row
    const sentence = `${title} with host-local starts at most ${add} processes for ADD, ${del} for DEL (IPv4)`
    if (tools.ok) it(sentence, () => body(...row))
    else it.skip(sentence, tools.reason)
  }
}

describe('the processes of the ip runner, counted by strace', (it) => {
  eachOf(it, async (_, config, most, mostOfDel) => {
    if (!tools.ok) return
    const folder = mkdtempSync(join(tmpdir(), 'metacni-forks-'))
    const host = await hold(
      ['net'],
      'ip link set lo up; ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up',
    )
    const pod = await hold(['net'])
    try {
      const program = join(folder, 'call.cjs')
      const resolveDir = fileURLToPath(new URL('../../runners/ip', import.meta.url))
      buildSync({
        stdin: { contents: call, resolveDir },
        outfile: program,
        bundle: true,
        platform: 'node',
        format: 'cjs',
        logLevel: 'error',
      })
      const ipam = { type: 'host-local', subnet: '10.9.0.0/24', dataDir: join(folder, 'leases') }
      const forksOf = (verb: string): number => {
        const trace = join(folder, 'trace')
        const options = ['-f', '-qq', '-e', 'trace=clone,clone3,fork,vfork', '-o', trace]
        const text = JSON.stringify({ ...config, ipam })
        const command = [process.execPath, program, verb, pod.netns, text]
        const [file = '', ...args] = [...host.enter, ...tools.value.strace, ...options, ...command]
        const { status, stderr } = spawnSync(file, args, { encoding: 'utf8', env: baseEnv })
        assert.is(status, 0, stderr)
        // Threads of Node are no processes; a call that strace cut in two counts where it begins.
        const begun = readFileSync(trace, 'utf8').match(/(?:clone3?|fork)\([^\n]*/g) ?? []
        return begun.filter((line) => !line.includes('CLONE_THREAD')).length
      }
      const [add, del] = [forksOf('ADD'), forksOf('DEL')]
      assert.ok(add >= 1 && add <= most, `ADD started ${add} processes, of at most ${most}`)
      assert.ok(del >= 1 && del <= mostOfDel, `DEL started ${del}, of at most ${mostOfDel}`)
    } finally {
      host.release()
      pod.release()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
