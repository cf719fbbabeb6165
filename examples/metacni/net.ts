/**
 * Decides how `metacni net add`, `check`, `del` and `status` go: one network, one namespace, the result cache for a
 * memory, as cnitool. Refuses an ADD over what is cached, and a CHECK of what is not (divergences ).
 */
import { cniError, cniErrorCodes } from '../../lib/cni/error.js'
import { isOn } from '../../lib/cni/flag.js'
import { isAtLeast, versionOrDefault } from '../../lib/cni/version.js'
import { type EngineError, type Outcome, toCniError } from '../../lib/index.js'
import { namespacePlace } from '../../runners/node/network-namespace.js'
import { refusalOf, tellFailure, tellRefusedCall } from './failure.js'
import { exitCodes, interruptible } from './interruption.js'
import { type Cached, engineFor, lookUp, recordFor } from './net-cache.js'
import { cacheFault } from './net-cache-fault.js'
import { type Forgotten, remember } from './net-memory.js'
import { findNetwork, planOf } from './net-network.js'
import { type NetOptions, openPorts } from './net-ports.js'
import { type NetRequest, readNetRequest } from './net-request.js'
import { isDataFormat, printData } from './output.js'
import { ownNamespaceProblem } from './own-namespace.js'
import { netDel, undoHint } from './shell-text.js'
import { standingProblems } from './standing-interfaces.js'
import type { Terminal } from './terminal.js'

/** What the command line says. */
export interface NetCall {
  readonly verb: 'add' | 'check' | 'del' | 'status'
  readonly network: string
  readonly netns: string
  readonly options: NetOptions
}

/** Carries out a call; the exit code. */
export const callNetwork = async (call: NetCall, terminal: Terminal): Promise<number> => {
  const { verb, network, netns, options } = call
  const read = readNetRequest(network, netns, terminal.env)
  if (!read.ok) return tellRefusedCall(terminal, options.output, refusalOf(read.problems))
  const request = read.value
  const changes = verb === 'add' || verb === 'del'
  const own = changes ? ownNamespaceProblem(request.netns, 'NETNS', terminal) : undefined
  if (own !== undefined) return tellRefusedCall(terminal, options.output, refusalOf([own]))
  const { value, interrupt } = await interruptible(terminal, during[verb], (signal) =>
    works[verb]({ request, options, terminal, signal }),
  )
  return interrupt !== undefined && value !== 0 ? exitCodes[interrupt] : value
}

const during = {
  add: 'undoing what was attached',
  check: 'ending the plugin that runs',
  del: 'ending the plugin that runs; what is left stays in the cache',
  status: 'ending the plugin that runs',
} as const

interface Work {
  readonly request: NetRequest
  readonly options: NetOptions
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

const add = async (work: Work): Promise<number> => {
  const { request, options, terminal, signal } = work
  const found = findNetwork(request.network, request.configurationDirectory)
  if (!found.ok) return tellRefusedCall(terminal, options.output, found.refusal)
  const plan = planOf(found.value, request)
  const ports = openPorts(options, request, terminal)
  const cached = await lookUp(ports.cache, request)
  if (!cached.ok) return tell(work, journalError(cached.message), plan.resultVersion)
  const held = heldBy(cached.value, request)
  if (held !== undefined) return tell(work, held, plan.resultVersion)
  const standing = await standingProblems(plan, request.netns, 'NETNS', terminal, signal)
  if (standing.length > 0) return tellRefusedCall(terminal, options.output, refusalOf(standing))
  const engine = engineFor(ports, request.ifname, undefined)
  const sandbox = { ...sandboxOf(request), ...namespacePlace(request.netns) }
  const outcome = await engine.add(plan, sandbox, { signal })
  if (!outcome.ok) return tellOutcome(work, outcome, plan.resultVersion)
  terminal.leave(undoHint(netDel(request.network, request.netns)))
  const format = isDataFormat(options.output) ? options.output : 'json'
  await printData(terminal.stdout, format, outcome.value.result)
  return 0
}

/** Over a live attachment a plugin refuses, and undoing its ADD would take that attachment away. */
const heldBy = (
  { own, rival }: Cached,
  { containerId, ifname, netns }: NetRequest,
): EngineError | undefined => {
  if (own !== undefined) return { kind: 'already-attached', containerId, ifname }
  const holder = rival && { network: rival.networkName, netns }
  return holder && { kind: 'ifname-in-use', containerId, ifname, holder }
}

const check = async (work: Work): Promise<number> => {
  const { request, options, terminal, signal } = work
  const ports = openPorts(options, request, terminal)
  const remembered = await remember(request, ports)
  if (!remembered.ok) return tellForgotten(work, remembered)
  const { own, config } = remembered.value
  const version = versionOrDefault(config.cniVersion)
  // As libcni: the version, then the flag, then the result (reference/cni.md 2.10).
  if (!isAtLeast(version, '0.4.0')) {
    const message = `configuration version ${JSON.stringify(version)} does not support the CHECK command`
    return tell(work, badRequest(cniErrorCodes.incompatibleVersion, message), version)
  }
  if (isOn(config.disableCheck)) return 0
  if (recordFor(own)?.steps[0]?.result === undefined) {
    const fault = await cacheFault(ports.cache, request)
    const message =
      fault === undefined
        ? `there is no cached result of ${nameOf(request)}`
        : `the cached result of ${nameOf(request)} cannot be read: ${fault}`
    return tell(work, badRequest(cniErrorCodes.unknownContainer, message))
  }
  const engine = engineFor(ports, request.ifname, own)
  const outcome = await engine.check(sandboxOf(request), { signal })
  return outcome.ok ? 0 : tellOutcome(work, outcome, version)
}

const del = async (work: Work): Promise<number> => {
  const { request, options, terminal, signal } = work
  const ports = openPorts(options, request, terminal)
  const remembered = await remember(request, ports)
  if (!remembered.ok) return tellForgotten(work, remembered)
  const { own, rival, isCached } = remembered.value
  // As cnitool: without a cached result the plugins find what they can, but not on another network's interface.
  const held = isCached ? undefined : heldBy({ own: undefined, rival }, request)
  if (held !== undefined) return tell(work, held)
  const engine = engineFor(ports, request.ifname, own)
  const outcome = await engine.del(sandboxOf(request), { signal })
  if (!outcome.ok) return tellOutcome(work, outcome)
  // Also a file that could not be read, or had no result.
  const removed = await ports.cache.remove(own)
  return removed.ok ? 0 : tell(work, journalError(removed.message))
}

const status = async (work: Work): Promise<number> => {
  const { request, options, terminal, signal } = work
  const found = findNetwork(request.network, request.configurationDirectory)
  if (!found.ok) return tellRefusedCall(terminal, options.output, found.refusal)
  const plan = planOf(found.value, request)
  const ports = openPorts(options, request, terminal)
  const engine = engineFor(ports, request.ifname, undefined)
  const outcome = await engine.status(plan, request, { signal })
  return outcome.ok ? 0 : tellOutcome(work, outcome, plan.resultVersion)
}

const works = { add, check, del, status }

const sandboxOf = ({ containerId, netns, ifname, args, path }: NetRequest) => ({
  ...{ containerId, netns, ifname, args, path },
})

const nameOf = ({ network, netns, ifname }: NetRequest): string =>
  `${JSON.stringify(network)} in ${netns} as ${JSON.stringify(ifname)}`

const tellForgotten = (work: Work, forgotten: Forgotten): Promise<number> =>
  'refusal' in forgotten
    ? tellRefusedCall(work.terminal, work.options.output, forgotten.refusal)
    : tell(work, journalError(forgotten.message))

const journalError = (message: string): EngineError => ({ kind: 'journal', message })

const badRequest = (code: number, message: string): EngineError => ({
  kind: 'bad-request',
  error: cniError(code, message),
})

const tell = (work: Work, error: EngineError, version?: string): Promise<number> =>
  tellOutcome(work, { ok: false, error, undone: [], left: [] }, version)

/** The command that undoes what stands in the way. */
const hintOf = (error: EngineError, { network, netns }: NetRequest): string | undefined => {
  if (error.kind === 'already-attached') return netDel(network, netns)
  return error.kind === 'ifname-in-use' && error.holder
    ? netDel(error.holder.network, error.holder.netns)
    : undefined
}

const tellOutcome = (
  { request, options, terminal }: Work,
  { error, undone, left }: Outcome<never> & { readonly ok: false },
  version = '',
): Promise<number> => {
  const hint = hintOf(error, request)
  const failed = { error: toCniError(error), undone, left, cause: error, hint }
  return tellFailure(terminal, options.output, failed, version)
}
