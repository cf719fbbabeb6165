/**
 * Decides what a Plan is: plain JSON, equal for equal inputs, whatever the sandbox. The published schema is
 * docs/schema/plan.schema.json.
 */
import type { NetworkConfigurationList } from '../cni/configuration.js'
import type { JsonObject } from '../cni/json.js'
import type { Problem } from '../cni/problem.js'
import type { NetworkOrigin } from '../network/network.js'

/** The major version of the plan format. Keys may be added within it; another major is refused. */
export const planVersion = 1

/** The network that an attachment attaches to. */
export interface AttachmentNetwork {
  readonly name: string
  readonly namespace?: string
  readonly source: NetworkOrigin
}

/** One planned step: a network under an interface name. */
export interface Attachment {
  readonly network: AttachmentNetwork
  readonly ifname: string
  /** Exactly one attachment of a plan is primary. */
  readonly primary: boolean
  /** The configuration list that will be driven, as its author wrote it. */
  readonly config: NetworkConfigurationList
  /** Offered to the plugins of the list that declare the capability (SPEC, runtimeConfig). */
  readonly capabilityArgs: JsonObject
}

/** Why: the rule, what it looked at, what it chose. `explain` prints them. */
export interface Decision {
  /** The kind of question: `select`, `lookup`, `order`, `name`, `primary`, `capabilities`, `merge`, `version`. */
  readonly rule: string
  /** What the decision is about: an attachment (`network@ifname`), a network, or the plan. */
  readonly subject: string
  readonly inputs: JsonObject
  readonly chose: string
  readonly why: string
}

/** What will be attached to a pod, in which order, under which names, and why. */
export interface Plan {
  readonly version: typeof planVersion
  /** In execution order. */
  readonly attachments: readonly Attachment[]
  /** The name of the rule that makes one result of all; the engine holds the functions. */
  readonly merge: string
  /** The CNI version in which the merged result is given. */
  readonly resultVersion: string
  readonly decisions: readonly Decision[]
  readonly warnings: readonly Problem[]
}
