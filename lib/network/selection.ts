/** Decides what a pod can ask for: one Selection is one attachment that it requests. */

/** One attachment that a pod, or the default configuration, asks for. */
export interface Selection {
  /** The network's name. */
  readonly name: string
  readonly namespace?: string
  /** The interface name that is asked for. */
  readonly interface?: string
  /** Addresses that are asked for, each an IP or a CIDR. */
  readonly ips?: readonly string[]
  /** The hardware address that is asked for: six octets in hex. */
  readonly mac?: string
  /** Where it was written: a source (annotation key, `defaultDelegates`) and the index in it. */
  readonly source: string
  readonly index: number
}
