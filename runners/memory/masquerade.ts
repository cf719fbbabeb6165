/** Decides the masquerade rules of an attachment (reference/plugins-and-ip.md P-14). */
import { networkOf, parseCidr } from '../../lib/cni/address.js'
import type { ResultAddress } from '../../lib/cni/result.js'
import { chainOf } from '../../lib/native/names.js'
import { addRules } from './chains.js'
import type { Owner, World } from './world.js'

/** Adds the rules for every address to the chain of the container on its network. */
export const masquerade = (world: World, owner: Owner, ips: readonly ResultAddress[]): void => {
  const texts = ips.flatMap(({ address }) => {
    const cidr = parseCidr(address)
    if (cidr === undefined) return []
    const multicast = cidr.address.family === 4 ? '224.0.0.0/4' : 'ff00::/8'
    return [
      `-s ${cidr.address.text} -d ${networkOf(cidr).text} -j ACCEPT`,
      `-s ${cidr.address.text} ! -d ${multicast} -j MASQUERADE`,
    ]
  })
  addRules(world, chainOf(owner), owner, texts)
}
