/**
 * Decides which links of a node belong to nobody: ends of veths in bridges of CNI networks, and links under the temporary
 * names that the standard plugins use. Refuses to look at anything else: it may be anybody's.
 */
import { quote } from '../cni/problem.js'
import type { Holders } from './holders.js'
import { type Leak, quotePath } from './leak.js'
import { makerOf } from './link-makers.js'
import type { LinkView, NamespaceView, NodeView } from './node-view.js'
import { callText, unseenIn, whatMayHave } from './unseen.js'

/** How bridge, ptp and macvlan name what they make on the node: `veth` and eight hexadecimal digits. */
const usualName = /^veth[0-9a-f]{8}$/

/** The links that belong to nobody, or may. */
export const leakedLinks = (view: NodeView, holders: Holders): readonly Leak[] => {
  const places = placesOf(view, holders)
  const unseen = unseenIn(view, holders)
  return view.links.flatMap((link): readonly Leak[] => {
    if (holders.links.has(link.name) || isOfRecordedNamespace(link, view)) return []
    const verdict = verdictOn(link, places)
    if (verdict === undefined) return []
    const hidden = whatIsHidden(link, view) ?? whatMayHave(link, unseen)
    const leak = { what: 'link', where: link.name } as const
    if (hidden === undefined) return [{ ...leak, ...verdict }]
    return [{ ...leak, why: `${verdict.why}; but ${hidden}`, severity: 'unknown' }]
  })
}

type Verdict = Pick<Leak, 'why' | 'severity'>

/** Where the plugins of known networks put links. */
interface Places {
  /** The bridges, by name, with a network that uses each. */
  readonly bridges: ReadonlyMap<string, string>
  /** What macvlan and ipvlan lie on. */
  readonly masters: ReadonlySet<string>
  readonly hasPtp: boolean
}

const placesOf = ({ links }: NodeView, holders: Holders): Places => {
  const bridges = new Map<string, string>()
  const masters = new Set<string>()
  let hasPtp = false
  for (const { name, plugins } of holders.configs) {
    for (const maker of plugins.map(makerOf)) {
      if (maker.makes === 'port') bridges.set(maker.bridge, name)
      if (maker.makes === 'veth') hasPtp = true
      const isOnMaster = maker.makes === 'macvlan' || maker.makes === 'ipvlan'
      if (isOnMaster && maker.master !== undefined) masters.add(maker.master)
    }
  }
  for (const { name, kind } of links) {
    if (kind === 'bridge' && holders.links.has(name) && !bridges.has(name)) bridges.set(name, '')
  }
  return { bridges, masters, hasPtp }
}

/** Whether the other end is in the namespace of something recorded: its own result need not name this end. */
const isOfRecordedNamespace = (link: LinkView, { namespaces, calls }: NodeView): boolean => {
  const ofCalls = new Set(calls.map(({ netns }) => netns))
  return [...namespaces].some(([path, one]) => !ofCalls.has(path) && hasOtherEnd(one, link))
}

const hasOtherEnd = ({ veths = [] }: NamespaceView, { index, peerIndex }: LinkView): boolean =>
  peerIndex !== undefined && veths.some((one) => one.index === peerIndex && one.peerIndex === index)

const unnamed = 'no record and no cached result names it'

const verdictOn = (link: LinkView, { bridges, masters, hasPtp }: Places): Verdict | undefined => {
  const { name, kind, master, lower } = link
  const isUsual = usualName.test(name)
  if (kind === 'veth' && master !== undefined) {
    const network = bridges.get(master)
    if (network === undefined) return undefined
    const of = network === '' ? 'which a result names' : `the bridge of network ${quote(network)}`
    const why = `it is a port of ${quote(master)}, ${of}; ${unnamed}`
    if (isUsual) return { why, severity: 'leaked' }
    return { why: `${why}; but its name is not one that bridge gives`, severity: 'unknown' }
  }
  if (kind === 'veth') {
    if (!isUsual || !(hasPtp || bridges.size > 0)) return undefined
    const why = `it is named as bridge and ptp name theirs, and is a port of nothing; ${unnamed}`
    return { why: `${why}; other programs name theirs alike`, severity: 'unknown' }
  }
  if ((kind === 'macvlan' || kind === 'ipvlan') && isUsual) {
    const why = `its name is the temporary one that ${kind} gives before it moves it; ${unnamed}`
    const isOurs = lower !== undefined && masters.has(lower)
    return { why, severity: isOurs ? 'leaked' : 'unknown' }
  }
  return undefined
}

/** What could not be read may be what names it; a call that goes on may be what makes it. */
const whatIsHidden = (link: LinkView, { unread, calls, namespaces }: NodeView) => {
  const hidden = unread.find(({ what }) => what === 'records' || what === 'namespaces')
  if (hidden !== undefined) return `${quotePath(hidden.where)} could not be read`
  const maker = calls.find(({ netns }) => hasOtherEnd(namespaces.get(netns) ?? noNamespace, link))
  return maker && callText(maker)
}

const noNamespace: NamespaceView = { state: 'unknown' }
