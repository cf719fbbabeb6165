/**
 * The public face of metacni: plain values and plain promises. Nothing here throws and nothing rejects, for what the types
 * take; an engine's calls whatever they are given. The same over Either and TaskEither is `metacni/fp`.
 */
import { type Either, isLeft } from 'fp-ts/lib/Either.js'
import { parseArgs as parseArgsText } from './cni/args.js'
import { convertAny } from './cni/convert.js'
import type { CniError } from './cni/error.js'
import { knownArgs as knownArgsOf } from './cni/plugin-args.js'
import { prevResultOf as prevResultIn } from './cni/prev-result.js'
import type { Problem } from './cni/problem.js'
import type { AnyResult } from './cni/result.js'
import type { SourceText } from './network/network.js'
import { decodePlan as decodePlanText } from './plan/codec.js'
import type { PlanInput } from './plan/input.js'
import { computePlan, type Planned } from './plan/plan.js'
import type { Profile } from './plan/profile.js'
import { type Requested, requestedNetworks } from './plan/requested.js'
import type { Plan } from './plan/types.js'
import type { PluginRequest, Reply } from './plugin.js'
import { tke } from './profile/tke.js'

/**
 * The plan of a pod's networks, or every problem at once with what could be planned. Pure: equal inputs give equal
 * plans. The profile is `tke` unless another one is given.
 */
export const plan = (input: PlanInput, profile: Profile = tke): Planned =>
  computePlan(input, profile)

/** The plan that a text holds, as `render(plan, 'json')` writes it, or every problem that keeps it from running. */
export const decodePlan = (
  text: SourceText,
):
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[] } => {
  const decoded = decodePlanText(text)
  return isLeft(decoded) ? { ok: false, problems: decoded.left } : { ok: true, plan: decoded.right }
}

/** What a pod asks for, and the names of the networks that `plan` will need: a source fetches these. */
export const requested = (input: PlanInput, profile: Profile = tke): Requested =>
  requestedNetworks(input, profile)

/**
 * A result in another version ("" is 0.1.0), with the losses that the specification implies; the same version gives the
 * same object. It may be any object, for example what a plugin printed. Fails with code 999 where no conversion exists or
 * nothing of the result can be expressed (`cannot convert: no valid IP addresses`), with 6 for what is no result.
 */
export const convertResult = (result: object, version: string): Reply<AnyResult> =>
  toReplyOf(convertAny(result, version))

/**
 * The pairs of CNI_ARGS, the last of a key (reference/cni.md 1.8). Fails with code 4 for a piece that is not exactly one
 * pair.
 */
export const parseArgs = (text: string): Reply<ReadonlyMap<string, string>> =>
  toReplyOf(parseArgsText(text))

/**
 * The pairs of CNI_ARGS that a plugin knows, as Go's plugins read them. Fails with code 4 also for keys that are not among
 * `known`, unless the text says IgnoreUnknown.
 */
export const knownArgs = (
  text: string,
  known: readonly string[],
): Reply<ReadonlyMap<string, string>> => toReplyOf(knownArgsOf(text, known))

/**
 * The result of the plugin before this one, or of the ADD for the other verbs, in the request's version; undefined when the
 * runtime gave none. A result of another released version is converted. Fails with code 999.
 */
export const prevResultOf = (
  request: Pick<PluginRequest, 'config' | 'cniVersion'>,
): Reply<AnyResult | undefined> => toReplyOf(prevResultIn(request.config, request.cniVersion))

const toReplyOf = <A>(either: Either<CniError, A>): Reply<A> =>
  isLeft(either) ? { ok: false, error: either.left } : { ok: true, value: either.right }

export type { CachedAttachment, CachedRequest, CacheKey } from './cni/cache.js'
export type { NetworkConfigurationList } from './cni/configuration.js'
export type { ValidAttachment } from './cni/derive.js'
export type { CniError } from './cni/error.js'
export { cniErrorCodes } from './cni/error.js'
export type { Answer, CniEnvironment, Invocation, NoAnswer, Verb } from './cni/invocation.js'
export type { JsonObject } from './cni/json.js'
export type { JsonChange } from './cni/json-changes.js'
export type { PluginConfiguration } from './cni/plugin-configuration.js'
export type { PluginResponse } from './cni/plugin-response.js'
export type { Problem, ProblemCode, Severity } from './cni/problem.js'
export type {
  AnyResult,
  LegacyAddress,
  LegacyResult,
  Result,
  ResultAddress,
  ResultDns,
  ResultInterface,
  ResultRoute,
} from './cni/result.js'
export type { Sandbox } from './cni/sandbox.js'
export { type CniVersion, currentVersion, knownVersions } from './cni/version.js'
export type { Collected, Collection } from './collection.js'
export { type CallOptions, createEngine, type Engine, type EnginePorts } from './create-engine.js'
export { type Delegation, delegate, delegateAdd } from './delegate.js'
export { type CallName, type EngineError, toCniError } from './engine/error.js'
export type { EngineRecord, Step, StepState } from './engine/record.js'
export type {
  Added,
  Deleted,
  Effect,
  EngineCommand,
  EngineEvent,
  EngineState,
  Outcome,
  StepReport,
  Surveyed,
  Transition,
} from './engine/state.js'
export { idle, step } from './engine/step.js'
export { type Grammar, type Parsed, shortOrJson } from './network/annotation.js'
export { type Catalogue, readCatalogue } from './network/catalogue.js'
export {
  decodeMetaConfiguration,
  type MetaConfiguration,
} from './network/meta-configuration.js'
export type { DefinitionFile, Network, NetworkOrigin, SourceText } from './network/network.js'
export type { Pod } from './network/pod.js'
export { decodeRuntimePod, podAnnotationsCapability } from './network/runtime-pod.js'
export type { Selection } from './network/selection.js'
export { primaryAlone } from './plan/capability-scope.js'
export { annotationReplacesDefault, defaultThenAnnotation } from './plan/combination.js'
export { diff, type PlanChange } from './plan/diff.js'
export { explain } from './plan/explain.js'
export { hash } from './plan/hash.js'
export type { PlanInput } from './plan/input.js'
export { fileByName } from './plan/lookup.js'
export {
  type AttachmentResult,
  allInterfaces,
  type Merge,
  type Merges,
  primaryResultOnly,
} from './plan/merge.js'
export { ethAfterHighest, netByPosition } from './plan/naming.js'
export { asListed } from './plan/order.js'
export type { Planned } from './plan/plan.js'
export { firstListed, holderOfRequestedName } from './plan/primary.js'
export {
  type Candidate,
  type CapabilityScope,
  type Combination,
  defineProfile,
  type Lookup,
  type MergeChoice,
  type Name,
  type Naming,
  type Order,
  type Primary,
  type Profile,
} from './plan/profile.js'
export { type PlanFormat, render } from './plan/render.js'
export { renderChanges } from './plan/render-changes.js'
export type { Requested } from './plan/requested.js'
export type { Attachment, AttachmentNetwork, Decision, Plan } from './plan/types.js'
export {
  definePlugin,
  type Handler,
  type Plugin,
  type PluginHandlers,
  type PluginRequest,
  type PluginWorld,
  type Reply,
  toReply,
  validAttachments,
} from './plugin.js'
export type {
  Clock,
  Journal,
  JournalEntry,
  Log,
  LogLevel,
  NetworkSource,
  PodAnswer,
  PodSource,
  ResultCache,
  Runner,
  Stored,
} from './ports/index.js'
export { multus } from './profile/multus.js'
export { strict } from './profile/strict.js'
export { tke } from './profile/tke.js'
export { type ReadRecordings, readRecordings } from './recording/read.js'
export type {
  Answers,
  Asked,
  OpenedRecords,
  RecordedCommand,
  RecordedStep,
  Recording,
} from './recording/types.js'
export type { SandboxReference } from './records.js'
export {
  type Difference,
  type DifferenceKind,
  type Replayed,
  type ReplayOptions,
  replay,
} from './replay.js'
export {
  type PluginVersions,
  type Validated,
  type ValidateOptions,
  validateNetwork,
} from './validate-network.js'
