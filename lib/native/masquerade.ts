/**
 * Decides the masquerade rules of a container: a chain of its own in the table nat (reference/plugins-and-ip.md P-14).
 * Refuses to flush a chain that another attachment of the container uses, and to delete a rule that is not there.
 */
import { networkOf, parseAddress, parseCidr } from '../cni/address.js'
import { isObject } from '../cni/json.js'
import type { ResultAddress } from '../cni/result.js'
import type { FilterRules, Seen, Stage } from './command.js'
import { chainOf, commentOf } from './names.js'
import type { NativeCall } from './script.js'

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
export const familiesIn = ({ config }: NativeCall): readonly (4 | 6)[] => {
  const { ipam, runtimeConfig, args, prevResult } = config
  const { ips, ipRanges } = isObject(runtimeConfig) ? runtimeConfig : {}
  const previous = isObject(prevResult) ? [prevResult.ips, prevResult.ip4, prevResult.ip6] : []
  const requested = isObject(args) && isObject(args.cni) ? args.cni.ips : undefined
  const families = new Set(familiesAmong([ipam, ips, ipRanges, requested, ...previous]))
  return families.size === 0 ? [4] : [...families]
}

// Only addresses and networks count: a hardware address looks like an IPv6 address, and is none.
const familiesAmong = (value: unknown): readonly (4 | 6)[] => {
  if (typeof value === 'string') {
    const address = parseAddress(value) ?? parseCidr(value)?.address
    return address === undefined ? [] : [address.family]
  }
  const isCompound = typeof value === 'object' && value !== null
  return isCompound ? Object.values(value).flatMap(familiesAmong) : []
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
      lines: [...(isNew ? [`:${chain} - [0:0]`] : []), ...made],
      undo: [...undone, ...(isNew ? [`-X ${chain}`] : [])],
    }
  })

/**
 * What removes the rules of a container on its network: all that lead to its chain, then the chain. Where an address is
 * named, only that one's, and the chain with the last.
 */
export const removeMasquerade = (call: NativeCall, present: Rules): readonly FilterRules[] =>
  [...present].flatMap(([family, lines]): readonly FilterRules[] => {
    const chain = chainOf(call)
    if (!lines.some((line) => line.startsWith(`:${chain} `))) return []
    const leading = lines.filter(
      (line) => line.startsWith('-A ') && !line.startsWith(`-A ${chain} `) && endsIn(line, chain),
    )
    return [
      {
        family,
        lines: [...leading.map((line) => `-D ${line.slice(3)}`), `-F ${chain}`, `-X ${chain}`],
      },
    ]
  })

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
