/**
 * Decides whether the names of a naming strategy can stand: valid for Linux, not `lo`, each once, one of them primary.
 * Refuses all others at once.
 */
import { ifnameFault } from '../cni/identifier.js'
import { at, failure, type Problem, quote } from '../cni/problem.js'
import { type Selection, selectionPath } from '../network/selection.js'
import type { Name, Profile } from './profile.js'

/** The names in the order of listing, and the index of the primary attachment or -1. */
export interface Assigned {
  readonly names: readonly Name[]
  readonly primary: number
}

/**
 * The names of all selections, checked. Problems: `bad-ifname`, `duplicate-ifname`, `no-default-interface`,
 * `bad-strategy`.
 */
export const assignNames = (
  selections: readonly Selection[],
  ifname: string,
  profile: Profile,
  problems: Problem[],
): Assigned => {
  const names = profile.naming.name(selections, ifname)
  const holders = new Map<string, Selection>()
  for (let index = 0; index < selections.length; index++) {
    const selection = selections[index] as Selection
    const name = names[index]?.ifname ?? ''
    const fault = name === 'lo' ? 'it is the loopback interface of every pod' : ifnameFault(name)
    if (fault !== undefined)
      problems.push(
        failure('bad-ifname', pathOf(selection, name, ifname), `${quote(name)}: ${fault}`),
      )
    const holder = holders.get(name)
    if (holder === undefined) holders.set(name, selection)
    else {
      const message = `interface ${quote(name)} is given to ${quote(holder.name)} and to ${quote(selection.name)}`
      problems.push(
        failure(
          'duplicate-ifname',
          pathOf(selection, name, ifname),
          message,
          'ask for another name',
        ),
      )
    }
  }
  const primary = profile.primary.choose(
    names.map((name) => name.ifname),
    ifname,
  )
  if (primary !== -1 && selections[primary] === undefined) {
    const message = `${quote(profile.primary.rule)} chose ${quote(primary)} of ${selections.length} attachments`
    problems.push(failure('bad-strategy', at(profile.name, 'primary'), message))
  }
  if (primary === -1 && selections.length > 0) {
    const message = `no network is left for ${quote(ifname)}: every one asks for another interface`
    const hint = `leave one network without an interface request, or let it ask for ${ifname}`
    problems.push(failure('no-default-interface', at(selections[0]?.source ?? ''), message, hint))
  }
  return { names, primary }
}

/** Where a name comes from: the selection that asks for it, or the runtime. */
const pathOf = (selection: Selection, name: string, ifname: string): string =>
  selection.interface === undefined && name === ifname
    ? at('CNI_IFNAME')
    : selectionPath(selection, 'interface')
