/**
 * Decides what a Profile is: one strategy for each question that planning asks. A strategy is a plain record of a
 * rule's name and a function over plain values; what it returns is checked, so that a wrong one is a Problem.
 */
import type { JsonObject } from '../cni/json.js'
import type { Grammar } from '../network/annotation.js'
import type { Catalogue } from '../network/catalogue.js'
import type { Network } from '../network/network.js'
import type { Selection } from '../network/selection.js'

/** A selection and the network that it found. */
export interface Candidate {
  readonly selection: Selection
  readonly network: Network
}

/** Which selections count: those of the annotation, those of the configuration, or both. */
export interface Combination {
  readonly rule: string
  /**
   * `annotated` undefined: the pod has no annotation, or an empty one. `defaults` reads the default configuration: what
   * is wrong with it counts only where it is asked for.
   */
  combine(
    annotated: readonly Selection[] | undefined,
    defaults: () => readonly Selection[],
  ): readonly Selection[]
  readonly why: string
}

/** Which network a selection means. */
export interface Lookup {
  readonly rule: string
  find(catalogue: Catalogue, selection: Selection): Network | undefined
  /** Whether a selection's namespace has a meaning; otherwise it is a warning. */
  readonly usesNamespace: boolean
}

/** The order in which attachments are carried out. */
export interface Order {
  readonly rule: string
  /** A permutation of 0 .. length - 1. */
  arrange(candidates: readonly Candidate[]): readonly number[]
  readonly why: string
}

/** The interface name of each selection, in the order of listing. */
export interface Naming {
  readonly rule: string
  name(selections: readonly Selection[], ifname: string): readonly Name[]
}

/** An interface name and the reason for it. */
export interface Name {
  readonly ifname: string
  readonly why: string
}

/** Which attachment is the primary one: an index, or -1 when none can be. */
export interface Primary {
  readonly rule: string
  choose(ifnames: readonly string[], ifname: string): number
  readonly why: string
}

/** Which of the runtime's capability arguments an attachment is offered. */
export interface CapabilityScope {
  readonly rule: string
  scope(runtimeConfig: JsonObject, attachment: { readonly primary: boolean }): JsonObject
  readonly why: string
}

/** How one result is made of all. The engine holds the functions under these names. */
export interface MergeChoice {
  readonly rule: string
  readonly why: string
}

/** Behaviour as data: one strategy for each question (design section 4). */
export interface Profile {
  readonly name: string
  /** The annotation keys that name networks, the first present one counts. */
  readonly annotationKeys: readonly string[]
  readonly grammar: Grammar
  readonly combination: Combination
  readonly lookup: Lookup
  readonly order: Order
  readonly naming: Naming
  readonly primary: Primary
  readonly capabilityScope: CapabilityScope
  readonly merge: MergeChoice
  /** Where network configurations lie when the configuration does not say, the first directory first. */
  readonly configurationDirectories: readonly string[]
}

/** A profile made of another one and what is different about it. */
export const defineProfile = (
  base: Profile,
  changes: Partial<Profile> & { readonly name: string },
): Profile => ({ ...base, ...changes })
