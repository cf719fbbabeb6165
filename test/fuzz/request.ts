/** Decides how a fuzzed request is answered: an environment of the seed's, a plugin that reads all that there is to read. */
import * as assert from 'uvu/assert'
import { delegate, delegateAdd } from '../../lib/delegate.js'
import { knownArgs, prevResultOf, validAttachments } from '../../lib/index.js'
import { definePlugin, type PluginRequest } from '../../lib/plugin.js'
import type { Runner } from '../../lib/ports/index.js'
import { type Random, randomFrom } from '../simulation/random.js'
import { anyText } from './inputs.js'
import * as samples from './samples.js'

const verbs = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION']

const environmentOf = (random: Random): Readonly<Record<string, string>> => {
  const variable = (usual: string): string => (random.oneIn(5) ? anyText(random) : usual)
  const env = {
    CNI_COMMAND: variable(random.pick(verbs)),
    CNI_CONTAINERID: variable('c1'),
    CNI_NETNS: variable('/run/netns/c1'),
    CNI_IFNAME: variable('eth0'),
    CNI_ARGS: variable(random.pick(samples.args)),
    CNI_PATH: variable('/opt/cni/bin:/usr/lib/cni'),
    CNI_NETNS_OVERRIDE: variable(''),
    PATH: '/bin',
  }
  return Object.fromEntries(Object.entries(env).filter(() => !random.oneIn(20)))
}

/** Answers a request whose stdin is this text; everything else is of the seed's choosing. */
export const respondTo = async (stdin: string, seed: number): Promise<void> => {
  const random = randomFrom(seed)
  const answer = random.pick([...samples.results, ...samples.errors, stdin, anyText(random)])
  const runner: Runner = { run: async () => ({ kind: 'success', stdout: answer, stderr: answer }) }
  const delegation = (request: PluginRequest, signal: AbortSignal) => ({
    runner,
    request,
    type: random.oneIn(4) ? anyText(random) : 'host-local',
    signal,
  })
  const plugin = definePlugin({
    about: random.oneIn(2) ? 'about' : '',
    add: async (request, signal) => {
      const args = knownArgs(request.args, ['IP'])
      if (!args.ok) return args
      const previous = prevResultOf(request)
      if (!previous.ok) return previous
      return previous.value === undefined
        ? delegateAdd(delegation(request, signal))
        : { ok: true, value: previous.value }
    },
    del: (request, signal) => delegate(delegation(request, signal)),
    check: async (request) => prevResultOf(request),
    gc: async (request) => validAttachments(request.config),
    status: (request, signal) => delegate(delegation(request, signal)),
  })
  const { stdout, stderr, exitCode } = await plugin.respond({
    env: environmentOf(random),
    readStdin: async () => ({ ok: true, value: stdin }),
    isOwnNamespace: () => random.oneIn(10),
    signal: new AbortController().signal,
  })
  assert.ok(stdout === '' || stderr === '')
  if (stdout === '') return assert.is(exitCode, 0)
  const printed = JSON.parse(stdout)
  assert.is(stdout, `${JSON.stringify(printed)}\n`)
  if (exitCode === 0) return assert.type(printed.cniVersion, 'string')
  assert.ok(Number.isSafeInteger(printed.code) && printed.code >= 0)
  assert.ok(typeof printed.msg === 'string' && printed.msg !== '')
  return assert.type(printed.cniVersion, 'string')
}
