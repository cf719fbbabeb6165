/** Decides the address ranges that rows take their addresses from. */
import type { JsonObject } from '../../../lib/cni/json.js'

/** host-local over these subnets, an address of each. */
export const ranges = (...subnets: readonly string[]): JsonObject => ({
  type: 'host-local',
  ranges: subnets.map((subnet) => [{ subnet }]),
})

/** An IPv4 address: 10.1.0.2/24, gateway 10.1.0.1. */
export const four: JsonObject = ranges('10.1.0.0/24')
/** An IPv6 address: fd00:1::2/64, gateway fd00:1::1. */
export const six: JsonObject = ranges('fd00:1::/64')
/** Both. */
export const both: JsonObject = ranges('10.1.0.0/24', 'fd00:1::/64')

/** static with these addresses, each with or without a gateway. */
export const fixed = (
  addresses: readonly (readonly [address: string, gateway?: string])[],
  more: JsonObject = {},
): JsonObject => ({
  type: 'static',
  addresses: addresses.map(([address, gateway]) => ({ address, ...(gateway && { gateway }) })),
  ...more,
})
