/**
 * Decides what portmap does on a simulated node: a chain of rules for the ports that the runtime asks for (reference/
 * plugins-and-ip.md 7.9). Refuses to be the first of a list, and ports that are none.
 */
import * as E from 'fp-ts/lib/Either.js'
import { parseCidr } from '../../../lib/cni/address.js'
import { type CniError, cniErrorCodes } from '../../../lib/cni/error.js'
import { isObject } from '../../../lib/cni/json.js'
import { quote } from '../../../lib/cni/problem.js'
import type { Result } from '../../../lib/cni/result.js'
import { chainOf } from '../../../lib/native/names.js'
import type { PluginCall } from '../call.js'
import { addRules, hasRules, removeRules } from '../chains.js'
import { fail, ownerOf, previousOf } from '../outcome.js'
import { createPlugin } from '../plugin.js'

interface PortMapping {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: string
  readonly hostIP: string
}

/** The portmap plugin. */
export const portmap = createPlugin({
  add: (call, world) => {
    const previous = previousOf(call)
    if (E.isLeft(previous)) return previous
    if (previous.right === undefined) return fail('must be called as chained plugin')
    const mappings = mappingsOf(call)
    if (E.isLeft(mappings)) return mappings
    const owner = ownerOf(call)
    const targets = targetsOf(previous.right, call.ifname)
    const rules = targets.flatMap((target) => mappings.right.map((one) => ruleOf(one, target)))
    addRules(world, chainOf(owner, 'CNI-DN-'), owner, rules)
    return E.right(previous.right)
  },
  del: (call, world) => {
    removeRules(world, chainOf(ownerOf(call), 'CNI-DN-'), ownerOf(call))
    return E.right(undefined)
  },
  check: (call, world) => {
    const mappings = mappingsOf(call)
    if (E.isLeft(mappings)) return mappings
    const chain = chainOf(ownerOf(call), 'CNI-DN-')
    return mappings.right.length === 0 || hasRules(world, chain, ownerOf(call))
      ? E.right(undefined)
      : fail(`chain ${chain} has no rules for ${call.ifname}`)
  },
})

const mappingsOf = ({ config }: PluginCall): E.Either<CniError, readonly PortMapping[]> => {
  const written = (isObject(config.runtimeConfig) ? config.runtimeConfig.portMappings : []) ?? []
  if (!Array.isArray(written)) return refuse(`"portMappings" must be a list, not ${quote(written)}`)
  const mappings: PortMapping[] = []
  for (const one of written) {
    const { hostPort, containerPort, protocol, hostIP } = isObject(one) ? one : {}
    if (!isPort(hostPort)) return refuse(`Invalid host port number: ${quote(hostPort)}`)
    if (!isPort(containerPort))
      return refuse(`Invalid container port number: ${quote(containerPort)}`)
    mappings.push({
      hostPort,
      containerPort,
      protocol: typeof protocol === 'string' ? protocol.toLowerCase() : 'tcp',
      hostIP: typeof hostIP === 'string' ? hostIP : '',
    })
  }
  return E.right(mappings)
}

// Per family, the first address without an interface or on the container's own.
const targetsOf = ({ ips = [], interfaces = [] }: Result, ifname: string): readonly string[] =>
  ([4, 6] as const).flatMap((family) => {
    const own = ips.find((ip) => {
      const at = ip.interface === undefined ? undefined : interfaces[ip.interface]
      const isOwn = at === undefined || (at.name === ifname && (at.sandbox ?? '') !== '')
      return isOwn && parseCidr(ip.address)?.address.family === family
    })
    const text = parseCidr(own?.address ?? '')?.address.text
    return text === undefined ? [] : [family === 6 ? `[${text}]` : text]
  })

const ruleOf = (mapping: PortMapping, target: string): string => {
  const { protocol, hostIP, hostPort, containerPort } = mapping
  const destination = hostIP === '' ? '' : ` -d ${hostIP}`
  return `-p ${protocol}${destination} --dport ${hostPort} -j DNAT --to ${target}:${containerPort}`
}

const isPort = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 65536

const refuse = (message: string): E.Either<CniError, never> =>
  fail(message, cniErrorCodes.invalidNetworkConfig)
