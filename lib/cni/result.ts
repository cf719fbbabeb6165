/**
 * Decides what a CNI result is, in the shape of 1.1.0 and of its ancestors (reference/cni.md 3.1), and reads one from
 * a plugin's stdout. Refuses results of unknown versions and addresses that are none.
 */
import type { JsonObject } from './json.js'

/** An interface that a plugin made or changed. `sandbox` absent or empty: on the host. */
export interface ResultInterface extends JsonObject {
  readonly name: string
  readonly mac?: string
  readonly sandbox?: string
}

/** An address. `interface` is an index into `interfaces`; `version` exists in 0.3.0 to 0.4.0 alone. */
export interface ResultAddress extends JsonObject {
  /** In CIDR form, host bits kept. */
  readonly address: string
  readonly gateway?: string
  readonly interface?: number
  readonly version?: string
}

/** A route inside the container. */
export interface ResultRoute extends JsonObject {
  readonly dst: string
  readonly gw?: string
}

/** Name resolution that the container should use. */
export interface ResultDns extends JsonObject {
  readonly nameservers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

/** The result of an ADD in 0.3.0 and later. Unknown keys are kept. */
export interface Result extends JsonObject {
  readonly cniVersion: string
  readonly interfaces?: readonly ResultInterface[]
  readonly ips?: readonly ResultAddress[]
  readonly routes?: readonly ResultRoute[]
  readonly dns?: ResultDns
}
