/**
 * Decides how a plan's reasons are told: one Decision for each question that planning asked. Refuses nothing; it is told
 * what was chosen, after the plan stands, and only when somebody reads it.
 */
import type { Catalogue } from '../network/catalogue.js'
import type { Network } from '../network/network.js'
import type { Selection } from '../network/selection.js'
import type { Name, Profile } from './profile.js'
import { originOf } from './resolve.js'
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
  /** The annotation's key, or null, and whether default delegates are configured. */
  readonly annotation: string | null
  readonly hasDefaults: boolean
  readonly selections: readonly Selection[]
  readonly catalogue: Catalogue
  readonly networks: readonly (Network | undefined)[]
  readonly names: readonly Name[]
  readonly primary: number
  /** The attachments in the order of listing, each with the index of its selection. */
  readonly attachments: readonly Attachment[]
  readonly origins: readonly number[]
  readonly positions: readonly number[]
}

/** Every decision of a plan. */
export const tellDecisions = ({
  profile,
  ifname,
  configured,
  resultVersion,
  chosen,
}: Facts): readonly Decision[] => [
  ...(chosen === undefined ? [] : tellChosen(chosen, profile, ifname)),
  decision('merge', 'plan', { profile: profile.name }, profile.merge.rule, profile.merge.why),
  decision(
    'version',
    'plan',
    { configured },
    resultVersion,
    configured
      ? "the result is given in the configuration's cniVersion; absent means 0.1.0"
      : 'without a configuration the newest version is given',
  ),
]

const tellChosen = (chosen: Chosen, profile: Profile, ifname: string): readonly Decision[] => {
  const { annotation, hasDefaults, selections, networks, catalogue, attachments, positions } =
    chosen
  const inputs = { annotation, defaultDelegates: hasDefaults }
  const { order, combination } = profile
  const isListed = positions.every((position, index) => position === index)
  return [
    decision('select', 'pod', inputs, countSources(selections), combination.why),
    ...networks.flatMap((network) =>
      network === undefined ? [] : [tellLookup(network, catalogue, profile)],
    ),
    ...attachments.flatMap((attachment, index) =>
      tellAttachment(chosen, attachment, index, profile, ifname),
    ),
    decision(
      'order',
      'plan',
      { strategy: order.rule },
      isListed ? 'as listed' : positions.join(', '),
      order.why,
    ),
  ]
}

const tellLookup = (network: Network, catalogue: Catalogue, { lookup }: Profile): Decision => {
  const candidates = 1 + (catalogue.shadowed.get(network.name)?.length ?? 0)
  const why =
    'the first definition of that name: by directory, lists before single ones, then by path'
  return decision('lookup', network.name, { rule: lookup.rule, candidates }, originOf(network), why)
}

const tellAttachment = (
  { selections, names, primary, origins }: Chosen,
  { network, ifname, capabilityArgs }: Attachment,
  index: number,
  profile: Profile,
  podIfname: string,
): readonly Decision[] => {
  const origin = origins[index] as number
  const selection = selections[origin]
  const subject = `${network.name}@${ifname}`
  const requested = selection?.interface ?? null
  const named = { requested, strategy: profile.naming.rule }
  const asked = 'the pod asks for it, and its own request counts most'
  const isAsked = (key: string) =>
    (key === 'ips' || key === 'mac') && selection?.[key] !== undefined
  return [
    decision('name', subject, named, ifname, names[origin]?.why ?? ''),
    ...(origin === primary
      ? [
          decision(
            'primary',
            subject,
            { ifname: podIfname, strategy: profile.primary.rule },
            subject,
            profile.primary.why,
          ),
        ]
      : []),
    ...Object.keys(capabilityArgs).map((key) =>
      isAsked(key)
        ? decision('capabilities', subject, { key }, selection?.source ?? '', asked)
        : decision('capabilities', subject, { key }, 'runtimeConfig', profile.capabilityScope.why),
    ),
  ]
}

const decision = (
  rule: string,
  subject: string,
  inputs: Decision['inputs'],
  chose: string,
  why: string,
): Decision => ({ rule, subject, inputs, chose, why })

/** `2 of defaultDelegates, 1 of <annotation>`. */
const countSources = (selections: readonly Selection[]): string => {
  const counts: string[] = []
  let source: string | undefined
  let count = 0
  for (const selection of selections) {
    if (selection.source !== source) {
      if (source !== undefined) counts.push(`${count} of ${source}`)
      source = selection.source
      count = 0
    }
    count++
  }
  return source === undefined ? 'none' : [...counts, `${count} of ${source}`].join(', ')
}
