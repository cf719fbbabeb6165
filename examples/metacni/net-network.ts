/**
 * Decides which network a name means for `metacni net`: what libcni finds in the directory, lists first, a broken file
 * never hiding another (divergence X-15).
 */
import { at, failure, type Problem, quote } from '../../lib/cni/problem.js'
import { versionOrDefault } from '../../lib/cni/version.js'
import { type Network, type Plan, readCatalogue } from '../../lib/index.js'
import { brokenNetwork } from '../../lib/plan/resolve.js'
import { readConfigDirectory } from '../../runners/host/config-directory.js'
import { emptyPlan, type Refusal } from './failure.js'
import type { NetRequest } from './net-request.js'

/** The network, or why there is none: what is wrong with other files is told beside it. */
export type FoundNetwork =
  | { readonly ok: true; readonly value: Network }
  | { readonly ok: false; readonly refusal: Refusal }

/** Looks for a network in a directory. */
export const findNetwork = (name: string, directory: string): FoundNetwork => {
  const read = readConfigDirectory(directory)
  const { networks, broken, problems } = readCatalogue(read.files)
  const found = networks.get(name)
  if (found !== undefined) return { ok: true, value: found }
  const warnings = [...read.problems, ...problems]
  const fault = broken?.get(name)
  if (fault !== undefined) return refused(brokenNetwork(name, fault, at(directory)), warnings)
  const known = [...networks.keys()].sort()
  const hint = known.length === 0 ? 'NETCONFPATH names the directory' : `known: ${list(known)}`
  const message = `no network is named ${quote(name)}`
  return refused(failure('unknown-network', at(directory), message, hint), warnings)
}

const refused = (problem: Problem, warnings: readonly Problem[]): FoundNetwork => ({
  ok: false,
  refusal: { problems: [problem], partial: { ...emptyPlan, warnings } },
})

const list = (names: readonly string[]): string =>
  names.length > 20 ? `${names.slice(0, 20).join(', ')} ...` : names.join(', ')

/** The plan that attaches a network alone; its result is in the list's version. */
export const planOf = (
  { name, origin, config }: Network,
  { ifname, capabilityArgs = {} }: Pick<NetRequest, 'ifname' | 'capabilityArgs'>,
): Plan => ({
  ...emptyPlan,
  attachments: [
    { network: { name, source: origin }, ifname, primary: true, config, capabilityArgs },
  ],
  merge: 'primaryResultOnly',
  resultVersion: versionOrDefault(config.cniVersion),
})
