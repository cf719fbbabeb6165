/**
 * Decides what flannel's subnet file says (reference/plugins-and-ip.md F-01). Refuses a file in which a family, the MTU or
 * the masquerade setting is missing, and lines without `=`, at which the Go plugin panics.
 */
import * as E from 'fp-ts/lib/Either.js'
import { networkOf, parseCidr } from '../../../lib/cni/address.js'
import type { CniError } from '../../../lib/cni/error.js'
import { quote } from '../../../lib/cni/problem.js'
import { fail } from '../outcome.js'

/** The node's share of the overlay network. */
export interface SubnetFile {
  /** The whole networks: IPv4, then IPv6. CIDR texts, each once. */
  readonly networks: readonly string[]
  /** The node's own subnets, without host bits: IPv4, then IPv6. */
  readonly subnets: readonly string[]
  readonly mtu: number
  /** Flannel itself masquerades. */
  readonly ipMasq: boolean
}

const keys = [
  'FLANNEL_NETWORK',
  'FLANNEL_IPV6_NETWORK',
  'FLANNEL_SUBNET',
  'FLANNEL_IPV6_SUBNET',
  'FLANNEL_MTU',
  'FLANNEL_IPMASQ',
] as const

/** What a subnet file says; `path` names it in messages. */
export const parseSubnetFile = (text: string, path: string): E.Either<CniError, SubnetFile> => {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [key = '', ...rest] = line.trim().split('=')
    if (!(keys as readonly string[]).includes(key)) continue
    if (rest.length === 0) return fail(`${path}: no = in the line ${quote(line)}`)
    values.set(key, rest.join('='))
  }
  const missing = missingOf(values)
  if (missing.length > 0) return fail(`${path} is missing ${missing.join(', ')}`)
  const networks = cidrsOf(values, ['FLANNEL_NETWORK', 'FLANNEL_IPV6_NETWORK'])
  const subnets = cidrsOf(values, ['FLANNEL_SUBNET', 'FLANNEL_IPV6_SUBNET'])
  if (typeof networks === 'string') return fail(`${path}: invalid CIDR address: ${networks}`)
  if (typeof subnets === 'string') return fail(`${path}: invalid CIDR address: ${subnets}`)
  const mtu = values.get('FLANNEL_MTU') ?? ''
  if (!/^[0-9]{1,10}$/.test(mtu) || Number(mtu) > 0xffffffff) {
    return fail(`${path}: FLANNEL_MTU is no number of 32 bits: ${quote(mtu)}`)
  }
  const ipMasq = values.get('FLANNEL_IPMASQ') === 'true'
  return E.right({ networks, subnets, mtu: Number(mtu), ipMasq })
}

// One family of networks and one of subnets are enough.
const missingOf = (values: ReadonlyMap<string, string>): readonly string[] => {
  const pairs = [
    ['FLANNEL_NETWORK', 'FLANNEL_IPV6_NETWORK'],
    ['FLANNEL_SUBNET', 'FLANNEL_IPV6_SUBNET'],
    ['FLANNEL_MTU'],
    ['FLANNEL_IPMASQ'],
  ]
  return pairs.filter((pair) => !pair.some((key) => (values.get(key) ?? '') !== '')).flat()
}

const cidrsOf = (
  values: ReadonlyMap<string, string>,
  names: readonly string[],
): readonly string[] | string => {
  const found = new Set<string>()
  for (const name of names) {
    for (const text of (values.get(name) ?? '').split(',').filter((one) => one !== '')) {
      const cidr = parseCidr(text.trim())
      if (cidr === undefined) return quote(text)
      found.add(networkOf(cidr).text)
    }
  }
  return [...found]
}
