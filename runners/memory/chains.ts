/**
 * Decides which rules of a packet filter chain belong to whom (reference/plugins-and-ip.md P-14, 7.9). A chain without
 * rules is gone.
 */
import type { Owner, World } from './world.js'

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
