/**
 * Decides how a plan's reasons are told: one Decision for each question that planning asked. Refuses nothing; it is told
 * what was chosen, after the plan stands.
 */
import type { Catalogue } from '../network/catalogue.js'
import type { Network } from '../network/network.js'
import type { Selection } from '../network/selection.js'
import type { Candidate, Profile } from './profile.js'
import { originOf } from './resolve.js'
import type { Selected } from './select.js'
import { subjectOf } from './subject.js'
import type { Attachment, Decision } from './types.js'

/** What planning came to, by index of selection where it says so. */
export interface Facts {
  readonly profile: Profile
  readonly ifname: string
  /** Whether there was a configuration, and the version that it, or its absence, asks for. */
  readonly configured: boolean
  readonly resultVersion: string
  /** Undefined when a strategy failed before anything was selected. */
  readonly chosen?: Chosen | undefined
}

/** What was chosen, as far as it came. */
export interface Chosen {
  readonly selected: Selected
  readonly catalogue: Catalogue
  /** By selection. */
  readonly networks: readonly (Network | undefined)[]
  /** In the order of listing. */
  readonly placed: readonly Placed[]
  readonly positions: readonly number[]
}

/** A selection that became an attachment. */
export interface Placed extends Candidate {
  readonly attachment: Attachment
  /** Why it has its interface name. */
  readonly why: string
}

/** Every decision of a plan: what was selected, each attachment in the order of listing, then the plan as a whole. */
export const tellDecisions = (facts: Facts): readonly Decision[] => {
  const { profile, configured, resultVersion, chosen } = facts
  const decisions: Decision[] = []
  if (chosen !== undefined) tellChosen(chosen, facts, decisions)
  decisions.push(
    decision('merge', 'plan', { profile: profile.name }, profile.merge.rule, profile.merge.why),
    decision(
      'version',
      'plan',
      { configured },
      resultVersion,
      configured ? asConfigured : asNewest,
    ),
  )
  return decisions
}

const asConfigured = "the result is given in the configuration's cniVersion; absent means 0.1.0"
const asNewest = 'without a configuration the newest version is given'

const tellChosen = (chosen: Chosen, facts: Facts, decisions: Decision[]): void => {
  const { selected, networks, catalogue, placed, positions } = chosen
  const { order, combination, lookup } = facts.profile
  const inputs = { annotation: selected.annotation, defaultDelegates: selected.hasDefaults }
  const counted = countSources(selected.selections)
  decisions.push(decision('select', 'pod', inputs, counted, combination.why))
  const alone = { rule: lookup.rule, candidates: 1 }
  for (const network of networks) {
    if (network === undefined) continue
    const others = catalogue.shadowed.size === 0 ? 0 : catalogue.shadowed.get(network.name)?.length
    const found = others ? { ...alone, candidates: 1 + others } : alone
    decisions.push(decision('lookup', network.name, found, originOf(network), firstOfName))
  }
  const unasked = { requested: null, strategy: facts.profile.naming.rule }
  for (const one of placed) tellAttachment(one, facts, unasked, decisions)
  const arranged = isAsListed(positions) ? 'as listed' : positions.join(', ')
  decisions.push(decision('order', 'plan', { strategy: order.rule }, arranged, order.why))
}

const firstOfName =
  'the first definition of that name: by directory, lists before single ones, then by path'

const tellAttachment = (
  { selection, attachment, why }: Placed,
  { profile, ifname }: Facts,
  unasked: Decision['inputs'],
  decisions: Decision[],
): void => {
  const subject = subjectOf(attachment)
  const requested = selection.interface
  const named = requested === undefined ? unasked : { ...unasked, requested }
  decisions.push(decision('name', subject, named, attachment.ifname, why))
  if (attachment.primary) {
    const held = { ifname, strategy: profile.primary.rule }
    decisions.push(decision('primary', subject, held, subject, profile.primary.why))
  }
  for (const key in attachment.capabilityArgs) {
    const isAsked = (key === 'ips' || key === 'mac') && selection[key] !== undefined
    decisions.push(
      isAsked
        ? decision('capabilities', subject, { key }, selection.source, asked)
        : decision('capabilities', subject, { key }, 'runtimeConfig', profile.capabilityScope.why),
    )
  }
}

/** Whether an order is that of the listing. */
export const isAsListed = (positions: readonly number[]): boolean => {
  for (let index = 0; index < positions.length; index++)
    if (positions[index] !== index) return false
  return true
}

const asked = 'the pod asks for it, and its own request counts most'

const decision = (
  rule: string,
  subject: string,
  inputs: Decision['inputs'],
  chose: string,
  why: string,
): Decision => ({ rule, subject, inputs, chose, why })

/** `2 of defaultDelegates, 1 of <annotation>`. */
const countSources = (selections: readonly Selection[]): string => {
  let counts = ''
  let begin = 0
  for (let index = 1; index <= selections.length; index++) {
    const source = selections[begin]?.source
    if (selections[index]?.source === source) continue
    counts += `${counts === '' ? '' : ', '}${index - begin} of ${source}`
    begin = index
  }
  return counts === '' ? 'none' : counts
}
