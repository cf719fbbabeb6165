/**
 * Decides what each attachment's plugins are offered: the runtime's arguments in the profile's scope, and the pod's
 * own requests over them. Refuses a requested address or MAC that no plugin of the list takes (attachment-spec.md
 * 4.1.2.1.3.2); the fork dropped it.
 */
import { capabilitiesOf } from '../cni/configuration.js'
import type { JsonObject } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { podAnnotationsCapability } from '../network/runtime-pod.js'
import { selectionPath } from '../network/selection.js'
import type { Candidate, Profile } from './profile.js'
import { originOf } from './resolve.js'

const nothing: JsonObject = {}

/**
 * The capability arguments of one attachment; `runtimeConfig` undefined: the runtime offers none. Problems:
 * `missing-capability`, `runtime-config-primary-only`.
 */
export const offerCapabilities = (
  candidate: Candidate,
  attachment: { readonly primary: boolean; readonly ifname: string },
  runtimeConfig: JsonObject | undefined,
  profile: Profile,
  problems: Problem[],
): JsonObject => {
  const { ips, mac } = candidate.selection
  return runtimeConfig === undefined && ips === undefined && mac === undefined
    ? nothing
    : offer(candidate, attachment, runtimeConfig ?? nothing, profile, problems)
}

const offer = (
  { selection, network }: Candidate,
  attachment: { readonly primary: boolean; readonly ifname: string },
  runtimeConfig: JsonObject,
  profile: Profile,
  problems: Problem[],
): JsonObject => {
  const { ips, mac } = selection
  const requests = ips !== undefined || mac !== undefined
  const offered = Object.keys(runtimeConfig)
  if (!requests && offered.length === 0) return nothing
  const declared = capabilitiesOf(network.config)
  const scoped = unlessAsked(profile.capabilityScope.scope(runtimeConfig, attachment), declared)
  const lost = offered.filter((key) => declared.has(key) && !Object.hasOwn(scoped, key))
  if (lost.length > 0) {
    const message = `${lost.join(', ')} of runtimeConfig is not given to ${network.name}@${attachment.ifname}, which declares it`
    problems.push(
      warning(
        'runtime-config-primary-only',
        at('runtimeConfig'),
        message,
        profile.capabilityScope.why,
      ),
    )
  }
  for (const field of ['ips', 'mac'] as const) {
    if (selection[field] === undefined || declared.has(field)) continue
    const message = `${quote(network.name)} cannot honour the requested ${field}: no plugin of it has the capability ${quote(field)}`
    const hint = `add "capabilities": {"${field}": true} to a plugin in ${originOf(network)} that supports it`
    problems.push(failure('missing-capability', selectionPath(selection, field), message, hint))
  }
  if (!requests) return scoped
  return {
    ...scoped,
    ...(ips === undefined ? {} : { ips }),
    ...(mac === undefined ? {} : { mac }),
  }
}

// A pod's annotations are sent to the meta plugin. They are nobody else's who does not ask, and no record's.
const unlessAsked = (args: JsonObject, declared: ReadonlySet<string>): JsonObject => {
  if (!Object.hasOwn(args, podAnnotationsCapability) || declared.has(podAnnotationsCapability))
    return args
  const { [podAnnotationsCapability]: _, ...others } = args
  return others
}
