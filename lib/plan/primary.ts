/** Decides which attachment is the primary one, whose result stands for the pod. */
import type { Primary } from './profile.js'

/** The attachment that holds the runtime's interface name (CNI_IFNAME); none holds it: there is no primary. */
export const holderOfRequestedName: Primary = {
  rule: 'holderOfRequestedName',
  choose: (ifnames, ifname) => ifnames.indexOf(ifname),
  why: "it holds the runtime's interface name",
}

/** The attachment that is listed first, whatever its name. */
export const firstListed: Primary = {
  rule: 'firstListed',
  choose: (ifnames) => (ifnames.length > 0 ? 0 : -1),
  why: 'it is listed first',
}
