/**
 * Decides which addresses a dry run counts with: static ones and requested ones as they are, others from an empty pool
 * and marked, since only the node knows which is free. Refuses what the address plugin refuses.
 */
import * as E from 'fp-ts/lib/Either.js'
import { networkOf, parseCidr } from '../cni/address.js'
import type { CniError } from '../cni/error.js'
import type { JsonObject } from '../cni/json.js'
import type { Result } from '../cni/result.js'
import { currentVersion } from '../cni/version.js'
import { allocate } from '../ipam/host-local.js'
import { decode as decodeHostLocal } from '../ipam/host-local-config.js'
import { emptyPool } from '../ipam/pool.js'
import { decode as decodeStatic } from '../ipam/static.js'
import { ipamTypeOf } from './configuration.js'

/** Addresses, and what stands for those that are not known. */
export interface DryAddresses {
  readonly result: Result
  /** Texts of addresses, and their markers. */
  readonly markers: ReadonlyMap<string, string>
  /** Where they come from, in words. */
  readonly source: string
}

/** What the address plugin of a configuration would give. Left: its refusal. */
export const dryAddresses = (
  config: JsonObject,
  args: string,
): E.Either<CniError, DryAddresses> => {
  const type = ipamTypeOf(config)
  if (type === 'static') {
    return E.map(({ ips, routes, dns }: Pick<Result, 'ips' | 'routes' | 'dns'>) =>
      given(
        { ips: ips ?? [], routes: routes ?? [], dns: dns ?? {} },
        new Map(),
        'the configuration',
      ),
    )(decodeStatic(config, args))
  }
  return type === 'host-local' ? ofPool(config, args) : E.right(ofSomebody(type))
}

const ofPool = (config: JsonObject, args: string): E.Either<CniError, DryAddresses> => {
  const decoded = decodeHostLocal(config, args)
  if (E.isLeft(decoded)) return decoded
  const { requested, dataDir, network } = decoded.right
  const allocation = allocate(decoded.right, emptyPool, { containerId: '', ifname: '' })
  if (E.isLeft(allocation)) return allocation
  const { ips, routes, dns } = allocation.right
  const markers = new Map<string, string>()
  for (const { address } of ips) {
    const cidr = parseCidr(address)
    if (cidr === undefined || requested.some(({ text }) => text === cidr.address.text)) continue
    markers.set(cidr.address.text, `<address of ${networkOf(cidr).text}>`)
  }
  return E.right(given({ ips, routes, dns }, markers, `${dataDir}/${network}`))
}

// One of IPv4 from a documentation network: what the other plugin gives is its own affair.
const ofSomebody = (type: string): DryAddresses =>
  given(
    { ips: [{ address: '192.0.2.2/24', gateway: '192.0.2.1' }], routes: [], dns: {} },
    new Map([
      ['192.0.2.2/24', `<address from ${type}>`],
      ['192.0.2.1/24', `<gateway from ${type}>`],
      ['192.0.2.0/24', `<network from ${type}>`],
      ['192.0.2.2', `<address from ${type}>`],
      ['192.0.2.1', `<gateway from ${type}>`],
    ]),
    `the plugin ${type}`,
  )

const given = (
  answer: Required<Pick<Result, 'ips' | 'routes' | 'dns'>>,
  markers: ReadonlyMap<string, string>,
  source: string,
): DryAddresses => ({ result: { cniVersion: currentVersion, ...answer }, markers, source })
