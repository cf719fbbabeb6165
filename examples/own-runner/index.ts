/** Can a runner of one's own be trusted? The contract suite says so: here it tries one whose plugins are functions. */
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { runnerContract, type Subject } from 'metacni/runners/contract'
import { createFunctionRunner, type PluginFunction } from './function-runner.js'

const stdout = '{"cniVersion": "1.0.0"}'
const error = { code: 7, msg: 'no such pool', details: 'pool "blue"' }
const print = (stdout: string) => ({ kind: 'success', stdout }) as const
const running = new Set<string>()
const hang: PluginFunction = ({ env: { CNI_CONTAINERID: id } }, signal) => {
  running.add(id)
  return sleep(2 ** 30, print(''), { signal }).finally(() => running.delete(id))
}
const functions = new Map<string, PluginFunction>([
  ['succeed', async () => print(stdout)],
  ['refuse', async () => ({ kind: 'refused', error })],
  ['report', async ({ env, stdin }) => print(JSON.stringify({ env, stdin }))],
  ['hang', hang],
])
const started = async (id: string) => {
  while (!running.has(id)) await turn()
}
const plugins: Subject['plugins'] = {
  succeeds: { type: 'succeed', stdout },
  refuses: { type: 'refuse', error },
  reports: { type: 'report' },
  hangs: { type: 'hang', started, isRunning: async (id) => running.has(id) },
}
const why = 'a function has no output: it answers'
const kinds = ['printsGarbage', 'failsWithoutWords', 'failsWithGarbage', 'ignoresStdin', 'floods']
const notApplicable = Object.fromEntries(kinds.map((kind) => [kind, why]))
const make = async () => ({ runner: createFunctionRunner(functions), path: [], plugins })
for (const { title, notApplicable: reason, run } of runnerContract(make, { notApplicable })) {
  const word = await run().then(() => (reason ? 'left out' : 'kept'), String)
  console.log(`${word}: ${title}`)
}
