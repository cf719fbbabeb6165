/**
 * The public face of metacni over fp-ts: the names of `metacni` over Either and TaskEither, and the io-ts codecs of what
 * crosses its border. `validAttachments`, `delegate`, `delegateAdd`, `toReply` and `replay` are the plain ones.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { CniError as CniErrorObject } from './cni/error.js'
import { prevResultOf as prevResultIn } from './cni/prev-result.js'
import type { Problem } from './cni/problem.js'
import type { AnyResult } from './cni/result.js'
import type { Sandbox } from './cni/sandbox.js'
import type { Collected, Collection } from './collection.js'
import {
  type CallOptions,
  createEngine as createPlainEngine,
  type EnginePorts,
} from './create-engine.js'
import type { EngineError } from './engine/error.js'
import type { Added, Deleted, Outcome, StepReport, Surveyed } from './engine/state.js'
import type { Network } from './network/network.js'
import type { PlanInput } from './plan/input.js'
import { computePlan } from './plan/plan.js'
import type { Profile } from './plan/profile.js'
import type { Plan } from './plan/types.js'
import type { PluginRequest } from './plugin.js'
import type { Runner } from './ports/index.js'
import { tke } from './profile/tke.js'
import type { SandboxReference } from './records.js'
import {
  type Validated,
  type ValidateOptions,
  validateNetwork as validatePlainly,
} from './validate-network.js'

/** A refused plan: every problem, and what could be planned nonetheless. */
export interface Refused {
  readonly problems: readonly Problem[]
  readonly partial: Plan
}

/** The plan of a pod's networks, or every problem at once. */
export const plan = (input: PlanInput, profile: Profile = tke): E.Either<Refused, Plan> => {
  const planned = computePlan(input, profile)
  if (planned.ok) return E.right(planned.plan)
  return E.left({ problems: planned.problems, partial: planned.partial })
}

/** A failed operation: why, what was undone, what is left behind. */
export interface Failed {
  readonly error: EngineError
  readonly undone: readonly StepReport[]
  readonly left: readonly StepReport[]
}

/** Carries out plans. Each operation begins when its TaskEither is called, and anew at every call. */
export interface Engine {
  add(plan: Plan, sandbox: Sandbox, options?: CallOptions): TaskEither<Failed, Added>
  check(sandbox: SandboxReference, options?: CallOptions): TaskEither<Failed, Surveyed>
  del(sandbox: SandboxReference, options?: CallOptions): TaskEither<Failed, Deleted>
  gc(what: Collection, options?: CallOptions): TaskEither<Failed, Collected>
  status(
    plan: Plan,
    where: { readonly path: readonly string[] },
    options?: CallOptions,
  ): TaskEither<Failed, Surveyed>
}

/** An engine on these ports. */
export const createEngine = (ports: EnginePorts): Engine => {
  const engine = createPlainEngine(ports)
  return {
    add: (plan, sandbox, options) => () => engine.add(plan, sandbox, options).then(toEither),
    check: (sandbox, options) => () => engine.check(sandbox, options).then(toEither),
    del: (sandbox, options) => () => engine.del(sandbox, options).then(toEither),
    gc: (what, options) => () => engine.gc(what, options).then(toEither),
    status: (plan, where, options) => () => engine.status(plan, where, options).then(toEither),
  }
}

/** A network that its plugins can serve, or every problem. */
export const validateNetwork =
  (
    ports: { readonly runner: Runner },
    network: Network,
    options: ValidateOptions,
  ): TaskEither<readonly Problem[], Extract<Validated, { readonly ok: true }>> =>
  () =>
    validatePlainly(ports, network, options).then((validated) =>
      validated.ok ? E.right(validated) : E.left(validated.problems),
    )

/** `prevResult` of a request in its version (`prevResultOf` of metacni). Left: code 999. */
export const prevResultOf = (
  request: Pick<PluginRequest, 'config' | 'cniVersion'>,
): E.Either<CniErrorObject, AnyResult | undefined> =>
  prevResultIn(request.config, request.cniVersion)

const toEither = <A>(outcome: Outcome<A>): E.Either<Failed, A> => {
  if (outcome.ok) return E.right(outcome.value)
  const { error, undone, left } = outcome
  return E.left({ error, undone, left })
}

export { parseAddress, parseCidr } from './cni/address.js'
export { parseArgs, podOf } from './cni/args.js'
export { decodeList, decodeSingle } from './cni/configuration.js'
export { convertAny as convertResult } from './cni/convert.js'
export { CniError } from './cni/error.js'
export { decodeJson } from './cni/json.js'
export { knownArgs } from './cni/plugin-args.js'
export { PluginConfiguration } from './cni/plugin-configuration.js'
export { decodeEnvironment, decodeStdin } from './cni/request.js'
export {
  NetworkConfigurationList,
  RequestConfiguration,
  RequestEnvironment,
} from './cni/request-codec.js'
export {
  decodeResult,
  LegacyAddress,
  LegacyResult,
  Result,
  ResultAddress,
  ResultDns,
  ResultInterface,
  ResultRoute,
} from './cni/result.js'
export { decodeValidAttachments } from './cni/valid-attachments.js'
export { decodeRecord } from './engine/record.js'
export * from './index.js'
export { decodePlan } from './plan/codec.js'
