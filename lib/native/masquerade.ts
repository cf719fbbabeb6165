/**
 * Decides the masquerade rules of a container: a chain of its own in the table nat (reference/plugins-and-ip.md P-14).
 * Refuses to flush a chain that another attachment of the container uses, and to delete a rule that is not there.
 */
import * as E from 'fp-ts/lib/Either.js'
import { networkOf, parseAddress, parseCidr } from '../cni/address.js'
import { isObject } from '../cni/json.js'
import type { ResultAddress } from '../cni/result.js'
import type { FilterRules, Seen, Stage } from './command.js'
import { linkIn, linksIn } from './kernel.js'
import { chainOf, commentOf } from './names.js'
import type { NativeCall, Script } from './script.js'

/** The table nat as iptables-save printed it, by family. */
export type Rules = ReadonlyMap<4 | 6, readonly string[]>

/** The families of some addresses. */
export const familiesOf = (ips: readonly ResultAddress[]): readonly (4 | 6)[] => [
  ...new Set(ips.flatMap(({ address }) => parseCidr(address)?.address.family ?? [])),
]

/**
 * The families that a call is about, as far as its configuration and its previous result tell: what is read early. IPv4
 * where they tell nothing.
 */
export const familiesIn = ({
  config,
  args: pairs = '',
}: Pick<NativeCall, 'config'> & Partial<Pick<NativeCall, 'args'>>): readonly (4 | 6)[] => {
  const { ipam, runtimeConfig, args, prevResult } = config
  const { ips, ipRanges } = isObject(runtimeConfig) ? runtimeConfig : {}
  const previous = isObject(prevResult) ? [prevResult.ips, prevResult.ip4, prevResult.ip6] : []
  const requested = isObject(args) && isObject(args.cni) ? args.cni.ips : undefined
  const families = new Set(
    familiesAmong([ipam, ips, ipRanges, requested, ...previous, pairs.split(/[;=,]/)]),
  )
  return families.size === 0 ? [4] : [...families]
}

// Only addresses and networks count: a hardware address looks like an IPv6 address, and is none.
const familiesAmong = (value: unknown, depth = 16): readonly (4 | 6)[] => {
  if (typeof value === 'string') {
    const address = parseAddress(value) ?? parseCidr(value)?.address
    return address === undefined ? [] : [address.family]
  }
  const isCompound = typeof value === 'object' && value !== null
  return isCompound && depth > 0
    ? Object.values(value).flatMap((one) => familiesAmong(one, depth - 1))
    : []
}

/** The rules of the families that are needed: those that were not read early are read now. */
export function* readRules(
  families: readonly (4 | 6)[],
  present: Rules,
): Generator<Stage, Rules, Seen> {
  const missing = families.filter((family) => !present.has(family))
  if (missing.length === 0) return present
  return (yield { readsRules: missing, awaits: true }).rules
}

/**
 * Removes the rules of an attachment. `reading` are the container's addresses before it was deleted, where there were any;
 * they tell of families that the configuration does not. Somebody else may change the table in between: once more then.
 */
export function* unmasquerade(call: NativeCall, reading: unknown, early: Rules): Script<undefined> {
  const own = linkIn(reading, call.ifname)?.addresses ?? []
  const others = othersIn(reading, call.ifname)
  const families = new Set(
    own.filter(({ scope }) => scope === 'global').map(({ cidr }) => cidr.address.family),
  )
  let rules = yield* readRules([...families], early)
  for (let isSecond = false; ; isSecond = true) {
    const filter = removeMasquerade(call, rules, others)
    if (filter.length === 0) return E.right(undefined)
    const { failure } = yield { filter, goesOn: true }
    if (failure === undefined) return E.right(undefined)
    if (isSecond) return E.left(failure)
    rules = (yield { readsRules: [...rules.keys()], awaits: true }).rules
  }
}

/** What adds the rules of some addresses, and what undoes that: rules that are there already are left out of both. */
export const masquerade = (
  call: NativeCall,
  ips: readonly ResultAddress[],
  present: Rules,
): readonly FilterRules[] =>
  familiesOf(ips).map((family) => {
    const chain = chainOf(call)
    const there = present.get(family) ?? []
    const isNew = !there.some((line) => line.startsWith(`:${chain} `))
    const rules = rulesOf(call, ips, family).filter(
      (rule) => !there.some((line) => line.startsWith('-A ') && isSame(line.slice(3), rule)),
    )
    const made = rules.map((rule) => `-A ${rule}`)
    const undone = rules.map((rule) => `-D ${rule}`).reverse()
    return {
      family,
      // Not `:CHAIN`, which would empty one that somebody else has made by now.
      lines: [...(isNew ? [`-N ${chain}`] : []), ...made],
      undo: [...undone, ...(isNew ? [`-X ${chain}`] : [])],
    }
  })

/** The addresses of a container's other interfaces: another attachment on the same network may share the chain. */
export const othersIn = (reading: unknown, ifname: string): ReadonlySet<string> =>
  new Set(
    linksIn(reading)
      .filter(({ name }) => name !== ifname)
      .flatMap(({ addresses }) => addresses.map(({ cidr }) => cidr.address.text)),
  )

/**
 * What removes the rules of an attachment: those that lead to the container's chain, but for the addresses of its other
 * interfaces, and the chain with the last of them.
 */
export const removeMasquerade = (
  call: NativeCall,
  present: Rules,
  others: ReadonlySet<string> = new Set(),
): readonly FilterRules[] =>
  [...present].flatMap(([family, lines]): readonly FilterRules[] => {
    const chain = chainOf(call)
    if (!lines.some((line) => line.startsWith(`:${chain} `))) return []
    const leading = lines.filter(
      (line) => line.startsWith('-A ') && !line.startsWith(`-A ${chain} `) && endsIn(line, chain),
    )
    const own = leading.filter((line) => !others.has(sourceOf(line)))
    const removed = own.map((line) => `-D ${line.slice(3)}`)
    const isShared = own.length < leading.length
    const all = isShared ? removed : [...removed, `-F ${chain}`, `-X ${chain}`]
    return all.length === 0 ? [] : [{ family, lines: all }]
  })

const sourceOf = (line: string): string => / -s ([^ /]+)/.exec(line)?.[1] ?? ''

const rulesOf = (
  call: NativeCall,
  ips: readonly ResultAddress[],
  family: 4 | 6,
): readonly string[] => {
  const chain = chainOf(call)
  const comment = `-m comment --comment ${quoted(commentOf(call))}`
  const multicast = family === 4 ? '224.0.0.0/4' : 'ff00::/8'
  const width = family === 4 ? 32 : 128
  const rules = ips.flatMap(({ address }) => {
    const cidr = parseCidr(address)
    if (cidr === undefined || cidr.address.family !== family) return []
    return [
      `${chain} -d ${networkOf(cidr).text} ${comment} -j ACCEPT`,
      `${chain} ! -d ${multicast} ${comment} -j MASQUERADE`,
      `POSTROUTING -s ${cidr.address.text}/${width} ${comment} -j ${chain}`,
    ]
  })
  return [...new Set(rules)]
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

const endsIn = (line: string, chain: string): boolean =>
  line.endsWith(` -j ${chain}`) || line.endsWith(` -g ${chain}`)

// iptables-save prints a comment as it was given, in quotes where it has blanks.
const isSame = (line: string, rule: string): boolean => line.trim() === rule
