/**
 * Decides what may have a link on the node without saying which: a scratch file, a record or a cached result that nobody
 * can read, a call that goes on. Refuses whatever names its links, or has its veths in a namespace that was looked into.
 */
import type { NetworkConfigurationList } from '../cni/configuration.js'
import { quote } from '../cni/problem.js'
import { configOf } from './cached.js'
import { type Holders, holderKey, hostLinksOf, isEntered, sandboxesOf } from './holders.js'
import { quotePath } from './leak.js'
import { type MadeLink, mayHaveMade } from './link-makers.js'
import type { CacheHolding, NodeView, RunningCall } from './node-view.js'

/** Something that may have a link. */
export interface Unseen {
  /** What it does not say, in words. */
  readonly why: string
  /** What it may have been made by; absent: nobody knows. */
  readonly configs?: readonly NetworkConfigurationList[] | undefined
  /** Whether its veths are not known; and whether a macvlan of it may still bear its first name. */
  readonly hasVeths: boolean
  readonly isMoving: boolean
}

/** Everything that may have links without saying which. */
export const unseenIn = (view: NodeView, holders: Holders): readonly Unseen[] => [
  ...view.calls.map((call) => ({
    why: callText(call),
    hasVeths: !isEntered(view, call.netns),
    isMoving: true,
  })),
  ...unseenRecords(view, holders),
  ...view.spoiled.map(({ file, containerId }) => {
    const isUnseen = !holders.entered.has(containerId)
    return { why: `${quotePath(file)} cannot be read`, hasVeths: isUnseen, isMoving: isUnseen }
  }),
  ...view.cached.flatMap((one) => unseenCache(one, view, holders)),
]

/** What may be behind a link: why, or undefined when nothing is. */
export const whatMayHave = (link: MadeLink, unseen: readonly Unseen[]): string | undefined => {
  const [first, ...more] = unseen.filter(({ configs, hasVeths, isMoving }) => {
    if (link.kind === 'veth' ? !hasVeths : !isMoving) return false
    return configs?.some((one) => mayHaveMade(one, link)) ?? true
  })
  if (first === undefined) return undefined
  return more.length === 0 ? first.why : `${first.why}, and ${more.length} more may have it`
}

/** A call, as a reason. */
export const callText = ({ verb, containerId, pid, plugin }: RunningCall): string => {
  const article = verb === 'ADD' ? 'an' : 'a'
  return `${article} ${verb} of ${quote(containerId)} goes on: process ${pid} (${plugin})`
}

const unseenRecords = ({ records }: NodeView, holders: Holders): readonly Unseen[] =>
  records.flatMap(({ file, record }) =>
    record.plan.attachments.flatMap(({ config, ifname }, index): readonly Unseen[] => {
      // Nothing of it exists.
      if (record.steps[index]?.state === 'planned') return []
      const why = `${quotePath(file)} does not say which link its ${quote(config.name)} has`
      return unseenOf(record.sandbox.containerId, ifname, [config], why, holders)
    }),
  )

const unseenCache = (
  { file, name, attachment, result, fault }: CacheHolding,
  view: NodeView,
  holders: Holders,
): readonly Unseen[] => {
  if (attachment !== undefined) {
    const { containerId, ifname, networkName } = attachment
    const config = configOf(attachment)
    const why = `${quotePath(file)} does not say which link its ${quote(networkName)} has`
    return unseenOf(containerId, ifname, config && [config], why, holders)
  }
  const isSeen = hostLinksOf(result).length > 0 || sandboxesOf(result).some(isEnteredIn(view))
  if (isSeen) return []
  const named = holders.configs.filter((config) => name.startsWith(`${config.name}-`))
  const configs = named.length > 0 ? named : undefined
  const what =
    fault === undefined ? ', a bare result, names no link of the node' : ' cannot be read'
  return [
    { why: `${quotePath(file)}${what}`, configs, hasVeths: true, isMoving: fault !== undefined },
  ]
}

const isEnteredIn = (view: NodeView) => (netns: string) => isEntered(view, netns)

const unseenOf = (
  containerId: string,
  ifname: string,
  configs: readonly NetworkConfigurationList[] | undefined,
  why: string,
  { entered, named, complete }: Holders,
): readonly Unseen[] => {
  const key = holderKey(containerId, ifname)
  const hasVeths = !named.has(key) && !entered.has(containerId)
  const isMoving = !complete.has(key)
  return hasVeths || isMoving ? [{ why, configs, hasVeths, isMoving }] : []
}
