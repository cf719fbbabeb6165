/**
 * Decides the whole plan: select, resolve, name, choose the primary, offer capabilities, order. Refuses with every
 * problem at once, and with what could be planned.
 */
import { at, failure, hasErrors, type Problem, quote, warning } from '../cni/problem.js'
import { currentVersion } from '../cni/version.js'
import { readCatalogue } from '../network/catalogue.js'
import {
  decodeGiven,
  type GivenConfiguration,
  metaDefaults,
} from '../network/meta-configuration.js'
import type { Selection } from '../network/selection.js'
import { assignNames } from './assign-names.js'
import { offerCapabilities } from './capability-args.js'
import { type Chosen, isAsListed, type Placed, tellDecisions } from './decisions.js'
import { checkFlannel } from './flannel.js'
import { defaultIfname, type PlanInput } from './input.js'
import type { Profile } from './profile.js'
import { resolveNetworks } from './resolve.js'
import { selectNetworks } from './select.js'
import { type Attachment, type Plan, planVersion } from './types.js'

/** A plan, or every problem that stands in its way and what could be planned nonetheless. */
export type Planned =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly partial: Plan }

const withoutConfig: ReturnType<typeof decodeGiven> = {
  given: { cniVersion: currentVersion },
  problems: [],
}

/** The plan of a pod's networks under a profile. Pure: equal inputs, equal plans. Never throws. */
export const computePlan = (input: PlanInput, profile: Profile): Planned => {
  const problems: Problem[] = input.problems === undefined ? [] : [...input.problems]
  const meta = input.config === undefined ? withoutConfig : decodeGiven(input.config)
  for (const problem of meta.problems) problems.push(problem)
  const ifname = input.ifname ?? defaultIfname
  let attached: Attached | undefined
  // A strategy may be an embedder's own function: what it throws becomes a Problem like any other.
  try {
    attached = attach(input, meta.given, profile, ifname, problems)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    problems.push(
      failure(
        'bad-strategy',
        at(profile.name),
        `a strategy of profile ${quote(profile.name)} failed: ${reason}`,
      ),
    )
  }
  const isRefused = hasErrors(problems)
  const resultVersion = meta.given.cniVersion ?? metaDefaults.cniVersion
  const configured = input.config !== undefined
  const chosen = attached?.chosen
  const plan: Plan = {
    version: planVersion,
    attachments: attached?.attachments ?? [],
    merge: profile.merge.rule,
    resultVersion,
    decisions: tellDecisions({ profile, ifname, configured, resultVersion, chosen }),
    warnings: isRefused ? problems.filter(({ severity }) => severity === 'warning') : problems,
  }
  if (!isRefused) return { ok: true, plan }
  const errors = problems.filter(({ severity }) => severity === 'error')
  return { ok: false, problems: errors, partial: plan }
}

interface Attached {
  /** In execution order. */
  readonly attachments: readonly Attachment[]
  readonly chosen: Chosen
}

const attach = (
  input: PlanInput,
  meta: GivenConfiguration,
  profile: Profile,
  ifname: string,
  problems: Problem[],
): Attached => {
  const selected = selectNetworks(input, meta.defaultDelegates, profile, problems)
  const { selections } = selected
  const catalogue = input.catalogue ?? readCatalogue(input.files ?? [])
  for (const problem of catalogue.problems) problems.push(problem)
  const context = { ownType: meta.type ?? metaDefaults.type, podNamespace: input.pod?.namespace }
  const networks = resolveNetworks(selections, catalogue, profile.lookup, context, problems)
  const { names, primary } = assignNames(selections, ifname, profile, problems)
  const runtimeConfig =
    input.capabilityArgs === undefined
      ? meta.runtimeConfig
      : { ...meta.runtimeConfig, ...input.capabilityArgs }

  const placed: Placed[] = []
  for (let index = 0; index < selections.length; index++) {
    const selection = selections[index] as Selection
    const network = networks[index]
    const name = names[index]
    if (network === undefined || name?.ifname === undefined) continue
    const named = { ifname: name.ifname, primary: index === primary }
    const attachment: Attachment = {
      network:
        network.namespace === undefined
          ? { name: network.name, source: network.origin }
          : { name: network.name, namespace: network.namespace, source: network.origin },
      ifname: name.ifname,
      primary: index === primary,
      config: network.config,
      capabilityArgs: offerCapabilities(
        { selection, network },
        named,
        runtimeConfig,
        profile,
        problems,
      ),
    }
    placed.push({ selection, network, attachment, why: name.why })
  }
  const attachments = placed.map(({ attachment }) => attachment)
  checkFlannel(attachments, problems)
  if (input.installed !== undefined) checkInstalled(attachments, new Set(input.installed), problems)
  const positions = profile.order.arrange(placed)
  const chosen = { selected, catalogue, networks, placed, positions }
  return { attachments: arrange(attachments, positions, profile, problems), chosen }
}

const arrange = (
  attachments: readonly Attachment[],
  positions: readonly number[],
  { name, order }: Profile,
  problems: Problem[],
): readonly Attachment[] => {
  if (positions.length === attachments.length && isAsListed(positions)) return attachments
  const arranged: Attachment[] = []
  const seen = new Set<number>()
  for (const position of positions) {
    const attachment = attachments[position]
    if (attachment === undefined || seen.has(position)) continue
    seen.add(position)
    arranged.push(attachment)
  }
  if (arranged.length === attachments.length) return arranged
  const message = `${quote(order.rule)} lost an attachment: it gave ${quote(positions)}`
  problems.push(failure('bad-strategy', at(name, 'order'), message))
  return attachments
}

const checkInstalled = (
  attachments: readonly Attachment[],
  installed: ReadonlySet<string>,
  problems: Problem[],
): void => {
  const missing = new Set<string>()
  for (const { network, config } of attachments) {
    for (const { type } of config.plugins) {
      if (installed.has(type) || missing.has(type)) continue
      missing.add(type)
      const source = network.source.kind === 'file' ? network.source.file : network.name
      const message = `no plugin ${quote(type)} was found, which network ${quote(network.name)} needs`
      problems.push(
        warning(
          'missing-plugin',
          at(source, 'type'),
          message,
          'install it in the plugin directory',
        ),
      )
    }
  }
}
