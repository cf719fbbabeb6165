/** Decides interface names. Whether they are valid and unique is checked afterwards, for every strategy alike. */
import type { Naming } from './profile.js'

const ethernet = /^eth[0-9]+$/

/**
 * The TKE fork's naming (reference/tke-multus.md 1.6) without its bugs: a requested name is kept; if nobody asked for
 * the runtime's name, the first that asked for none gets it; all others get `eth` and the next number above every
 * `eth<digits>` in use. Gaps are not filled, and other names do not count.
 */
export const ethAfterHighest: Naming = {
  rule: 'ethAfterHighest',
  name: (selections, ifname) => {
    let highest = numberOf(ifname)
    let isFree = true
    for (const { interface: requested } of selections) {
      if (requested === undefined) continue
      if (requested === ifname) isFree = false
      highest = Math.max(highest, numberOf(requested))
    }
    return selections.map(({ interface: requested }) => {
      if (requested !== undefined) return { ifname: requested, why: asked }
      if (!isFree) return { ifname: `eth${++highest}`, why: next }
      isFree = false
      return { ifname, why: heirs }
    })
  },
}

const asked = 'it was asked for'
const heirs = "the first that asks for no name gets the runtime's interface name"
const next = 'the number after the highest eth<number> in use'

const numberOf = (name: string): number => (ethernet.test(name) ? Number(name.slice(3)) : 0)

/**
 * Upstream's naming (reference/multus-v4.md 2.6): a requested name is kept, the first attachment gets the runtime's
 * name, every other one `net` and its position in the list. Where somebody asks for that name, the next number that is
 * nobody's position: upstream failed there with half the networks attached (VB10; attachment-spec.md 4.2.1).
 */
export const netByPosition: Naming = {
  rule: 'netByPosition',
  name: (selections, ifname) => {
    const taken = new Set([ifname])
    for (const { interface: requested } of selections) {
      if (requested !== undefined) taken.add(requested)
    }
    let beyond = selections.length
    return selections.map((selection, index) => {
      if (selection.interface !== undefined) return { ifname: selection.interface, why: asked }
      if (index === 0) return { ifname, why: "the first gets the runtime's interface name" }
      if (!taken.has(`net${index}`))
        return { ifname: `net${index}`, why: 'its position in the list' }
      while (taken.has(`net${beyond}`)) beyond++
      return { ifname: `net${beyond++}`, why: `net${index}, its position in the list, is taken` }
    })
  },
}
