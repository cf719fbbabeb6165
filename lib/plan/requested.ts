/** Decides what must be fetched before a plan can be computed: the selections of a pod and the networks they name. */
import type { Problem } from '../cni/problem.js'
import { decodeGiven } from '../network/meta-configuration.js'
import type { Selection } from '../network/selection.js'
import type { PlanInput } from './input.js'
import type { Profile } from './profile.js'
import { selectNetworks } from './select.js'

/** What a pod asks for. */
export interface Requested {
  readonly selections: readonly Selection[]
  /** Each network once, as `name` or `namespace/name`, in the order of listing. */
  readonly networks: readonly string[]
  /** What is wrong with the request itself; `plan` reports it again. */
  readonly problems: readonly Problem[]
}

/** The selections of an input and the names of the networks that they need. */
export const requestedNetworks = (input: PlanInput, profile: Profile): Requested => {
  const problems: Problem[] = []
  const given = input.config === undefined ? {} : decodeGiven(input.config).given
  const { selections } = selectNetworks(input, given.defaultDelegates, profile, problems)
  const names = selections.map(({ namespace, name }) =>
    namespace === undefined ? name : `${namespace}/${name}`,
  )
  return { selections, networks: [...new Set(names)], problems }
}
