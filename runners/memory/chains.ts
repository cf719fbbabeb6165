/**
 * Decides the names of packet filter chains and which rules in them belong to whom (reference/plugins-and-ip.md P-14,
 * 7.9). A chain without rules is gone.
 */
import { sha512 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Owner, World } from './world.js'

/** The chain of a container on a network: a prefix and a hash, 28 characters in all. */
export const chainNameOf = (prefix: 'CNI-' | 'CNI-DN-', owner: Owner): string =>
  `${prefix}${bytesToHex(sha512(utf8ToBytes(owner.network + owner.containerId)))}`.slice(0, 28)

/** Adds rules of an attachment to a chain. */
export const addRules = (
  world: World,
  chain: string,
  owner: Owner,
  texts: readonly string[],
): void => {
  if (texts.length === 0) return
  const rules = world.chains.get(chain)?.rules ?? []
  world.chains.set(chain, { rules: [...rules, ...texts.map((text) => ({ text, owner }))] })
}

/** Removes the rules of an attachment from a chain. Removing what is not there changes nothing. */
export const removeRules = (world: World, chain: string, owner: Owner): void => {
  const rules = (world.chains.get(chain)?.rules ?? []).filter(
    (rule) => rule.owner.ifname !== owner.ifname || rule.owner.containerId !== owner.containerId,
  )
  if (rules.length === 0) world.chains.delete(chain)
  else world.chains.set(chain, { rules })
}

/** Whether an attachment has rules in a chain. */
export const hasRules = (world: World, chain: string, owner: Owner): boolean =>
  (world.chains.get(chain)?.rules ?? []).some(
    (rule) => rule.owner.ifname === owner.ifname && rule.owner.containerId === owner.containerId,
  )
