/**
 * Decides how the engine can fail, and which CNI error each failure becomes. Refuses to lose a plugin's own code: it
 * passes through, and its message gains the network and the interface (design section 3).
 */
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import type { NoAnswer, Verb } from '../cni/invocation.js'
import { printable } from '../cni/printable.js'
import type { Problem } from '../cni/problem.js'

/** One plugin call of a plan, as an error names it. */
export interface CallName {
  readonly verb: Verb
  readonly type: string
  readonly network: string
  readonly ifname: string
}

/** Why an operation failed. */
export type EngineError =
  /** The plugin ran and said no. */
  | {
      readonly kind: 'plugin-refused'
      readonly call: CallName
      readonly error: CniError
      readonly stderr?: string
    }
  /** There is no answer of the plugin: not found, killed, too slow. */
  | { readonly kind: 'no-answer'; readonly call: CallName; readonly reason: NoAnswer }
  /** The plugin succeeded and printed no valid result, or its stdin could not be made. */
  | { readonly kind: 'bad-result'; readonly call: CallName; readonly error: CniError }
  /** The results cannot be merged, or not be given in the version that the runtime asked for. */
  | { readonly kind: 'bad-merge'; readonly error: CniError }
  /** The plan names a merge rule that the engine was not given. */
  | { readonly kind: 'unknown-merge'; readonly merge: string }
  /** A sandbox or a plan that no plugin may see. */
  | { readonly kind: 'bad-request'; readonly error: CniError }
  /** The attachment exists. */
  | { readonly kind: 'already-attached'; readonly containerId: string; readonly ifname: string }
  /** Another attachment of the container holds an interface name of the plan. */
  | {
      readonly kind: 'ifname-in-use'
      readonly containerId: string
      readonly ifname: string
      /** Whose it is, where that is known. */
      readonly holder?: { readonly network: string; readonly netns: string }
    }
  /** There is no complete attachment to check. */
  | { readonly kind: 'not-attached'; readonly containerId: string; readonly ifname: string }
  /** The journal could not do its work; before a plugin ran, nothing runs. */
  | { readonly kind: 'journal'; readonly message: string }
  /** A record that this version does not understand. */
  | { readonly kind: 'bad-record'; readonly ifname: string; readonly message: string }
  /** Several failures: of steps that could not be undone and stay in the journal, or of plugins that GC visited. */
  | { readonly kind: 'several'; readonly errors: readonly EngineError[] }
  /** The caller's signal fired. */
  | { readonly kind: 'interrupted' }

/**
 * The CNI error object of a refusal. That of planning has the first problem's code and text, and in `details` its place and
 * hint, then the other problems, 64 in all. Total.
 */
export const toCniError = (error: EngineError | readonly Problem[]): CniError =>
  'kind' in error ? ofEngine(error) : ofProblems(error)

const ofProblems = (problems: readonly Problem[]): CniError => {
  const [first, ...others] = problems
  if (first === undefined) return cniError(cniErrorCodes.internal, 'the plan was refused')
  // Runtimes print both texts, one after the other: nothing is said twice.
  const said = new Set<string>()
  const hintOf = ({ hint }: Problem): string | undefined => {
    if (hint === undefined || said.has(hint)) return undefined
    said.add(hint)
    return hint
  }
  const own = hintOf(first)
  const place = printable(first.path)
  const lines = [own === undefined ? place : `${place}: ${own}`]
  for (const one of others.slice(0, mostTold - 1)) {
    const hint = hintOf(one)
    lines.push(`${printable(one.path)}: ${one.message}${hint === undefined ? '' : ` (${hint})`}`)
  }
  const left = others.length + 1 - mostTold
  if (left > 0) lines.push(`and ${left} more`)
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return cniError(first.cniCode, `${first.code}: ${first.message}${more}`, lines.join('; '))
}

// Nobody reads more of them, and a stranger's text can have thousands of faults.
const mostTold = 64

const ofEngine = (error: EngineError): CniError => {
  switch (error.kind) {
    case 'plugin-refused':
      return named(error.call, error.error)
    case 'bad-result':
      return named(error.call, error.error)
    case 'no-answer':
      return named(error.call, cniError(codeOf(error.reason), error.reason.message))
    case 'bad-merge':
    case 'bad-request':
      return error.error
    case 'unknown-merge':
      return cniError(
        cniErrorCodes.invalidNetworkConfig,
        `the plan asks for the merge rule ${JSON.stringify(error.merge)}, which this engine was not given`,
      )
    case 'already-attached':
      return cniError(
        cniErrorCodes.invalidEnvironment,
        `CNI_CONTAINERID ${error.containerId} has an attachment for CNI_IFNAME ${error.ifname} already; DEL it first`,
      )
    case 'ifname-in-use':
      return cniError(
        cniErrorCodes.invalidEnvironment,
        `interface ${error.ifname} of CNI_CONTAINERID ${error.containerId}${holderText(error)}; DEL that one first`,
      )
    case 'not-attached':
      return cniError(
        cniErrorCodes.unknownContainer,
        `CNI_CONTAINERID ${error.containerId} has no complete attachment${error.ifname && ` for CNI_IFNAME ${error.ifname}`}`,
      )
    case 'journal':
      return cniError(cniErrorCodes.ioFailure, `journal: ${error.message}`)
    case 'bad-record':
      return cniError(
        cniErrorCodes.decodingFailure,
        `the record of ${error.ifname} cannot be read: ${error.message}`,
      )
    case 'several':
      return ofMany(error.errors)
    case 'interrupted':
      return cniError(cniErrorCodes.tryAgainLater, 'interrupted before it was done')
  }
}

const holderText = ({ holder }: EngineError & { readonly kind: 'ifname-in-use' }): string => {
  const place = holder === undefined ? '' : ` in ${holder.netns}`
  const network = holder === undefined ? '' : `, of network ${JSON.stringify(holder.network)}`
  return `${place} belongs to another attachment${network}`
}

const ofMany = (errors: readonly EngineError[]): CniError => {
  const [first, ...others] = errors.map(ofEngine)
  if (first === undefined) return cniError(cniErrorCodes.internal, 'something could not be undone')
  if (others.length === 0) return first
  const messages = [first, ...others].map(({ msg }) => msg)
  const details = [first, ...others].flatMap((error) => error.details ?? [])
  return cniError(first.code, messages.join('; '), details.join('; '))
}

// The same words in the same order as libcni's "plugin type=... failed (add)", with what the fork's users missed.
const named = ({ verb, type, network, ifname }: CallName, error: CniError): CniError =>
  cniError(
    error.code,
    `network ${JSON.stringify(network)} interface ${JSON.stringify(ifname)}: plugin ${type} failed (${verb.toLowerCase()}): ${error.msg}`,
    error.details,
  )

const codeOf = (reason: NoAnswer): number =>
  reason.kind === 'aborted' || reason.kind === 'timeout'
    ? cniErrorCodes.tryAgainLater
    : cniErrorCodes.internal
