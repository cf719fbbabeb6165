/**
 * Decides the whole plan: select, resolve, name, choose the primary, offer capabilities, order. Refuses with every
 * problem at once, and with what could be planned.
 */
import type { JsonObject } from '../cni/json.js'
import { at, failure, type Problem, quote, warning } from '../cni/problem.js'
import { currentVersion } from '../cni/version.js'
import { readCatalogue } from '../network/catalogue.js'
import {
  decodeMetaConfiguration,
  type MetaConfiguration,
  metaDefaults,
} from '../network/meta-configuration.js'
import type { Selection } from '../network/selection.js'
import { assignNames } from './assign-names.js'
import { offerCapabilities } from './capability-args.js'
import { checkFlannel } from './flannel.js'
import { defaultIfname, type PlanInput } from './input.js'
import type { Candidate, Profile } from './profile.js'
import { resolveNetworks } from './resolve.js'
import { selectNetworks } from './select.js'
import { type Attachment, type Decision, type Plan, planVersion } from './types.js'

/** A plan, or every problem that stands in its way and what could be planned nonetheless. */
export type Planned =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly partial: Plan }

const withoutConfig: ReturnType<typeof decodeMetaConfiguration> = {
  value: { ...metaDefaults, cniVersion: currentVersion },
  problems: [],
}

/** The plan of a pod's networks under a profile. Pure: equal inputs, equal plans. Never throws. */
export const computePlan = (input: PlanInput, profile: Profile): Planned => {
  const problems: Problem[] = input.problems === undefined ? [] : [...input.problems]
  const decisions: Decision[] = []
  const meta = input.config === undefined ? withoutConfig : decodeMetaConfiguration(input.config)
  for (const problem of meta.problems) problems.push(problem)
  let attachments: readonly Attachment[] = []
  // A strategy may be an embedder's own function: what it throws becomes a Problem like any other.
  try {
    attachments = attach(input, meta.value, profile, problems, decisions)
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
  decisions.push(
    decideMerge(profile),
    decideVersion(meta.value.cniVersion, input.config !== undefined),
  )
  const errors = problems.filter((problem) => problem.severity === 'error')
  const plan: Plan = {
    version: planVersion,
    attachments,
    merge: profile.merge.rule,
    resultVersion: meta.value.cniVersion,
    decisions,
    warnings: errors.length === 0 ? problems : problems.filter((one) => one.severity === 'warning'),
  }
  return errors.length === 0 ? { ok: true, plan } : { ok: false, problems: errors, partial: plan }
}

const attach = (
  input: PlanInput,
  meta: MetaConfiguration,
  profile: Profile,
  problems: Problem[],
  decisions: Decision[],
): readonly Attachment[] => {
  const ifname = input.ifname ?? defaultIfname
  const selected = selectNetworks(input, meta, profile, problems)
  const { selections } = selected
  decisions.push(selected.decision)
  const catalogue = input.catalogue ?? readCatalogue(input.files ?? [])
  for (const problem of catalogue.problems) problems.push(problem)
  const context = { ownType: meta.type, podNamespace: input.pod?.namespace }
  const networks = resolveNetworks(
    selections,
    catalogue,
    profile.lookup,
    context,
    problems,
    decisions,
  )
  const { names, primary } = assignNames(selections, ifname, profile, problems)
  const runtimeConfig: JsonObject =
    input.capabilityArgs === undefined
      ? meta.runtimeConfig
      : { ...meta.runtimeConfig, ...input.capabilityArgs }

  const attachments: Attachment[] = []
  const candidates: Candidate[] = []
  for (let index = 0; index < selections.length; index++) {
    const selection = selections[index] as Selection
    const network = networks[index]
    const name = names[index]
    if (network === undefined || name === undefined) continue
    const candidate = { selection, network }
    const subject = `${network.name}@${name.ifname}`
    const isPrimary = index === primary
    decisions.push({
      rule: 'name',
      subject,
      inputs: { requested: selection.interface ?? null, strategy: profile.naming.rule },
      chose: name.ifname,
      why: name.why,
    })
    if (isPrimary) decisions.push(decidePrimary(subject, ifname, profile))
    candidates.push(candidate)
    attachments.push({
      network:
        network.namespace === undefined
          ? { name: network.name, source: network.origin }
          : { name: network.name, namespace: network.namespace, source: network.origin },
      ifname: name.ifname,
      primary: isPrimary,
      config: network.config,
      capabilityArgs: offerCapabilities(
        candidate,
        { primary: isPrimary, subject },
        runtimeConfig,
        profile,
        problems,
        decisions,
      ),
    })
  }
  checkFlannel(attachments, problems)
  if (input.installed !== undefined) checkInstalled(attachments, new Set(input.installed), problems)
  return arrange(attachments, candidates, profile, problems, decisions)
}

const arrange = (
  attachments: readonly Attachment[],
  candidates: readonly Candidate[],
  { name, order }: Profile,
  problems: Problem[],
  decisions: Decision[],
): readonly Attachment[] => {
  const positions = order.arrange(candidates)
  const arranged: Attachment[] = []
  const seen = new Set<number>()
  for (const position of positions) {
    const attachment = attachments[position]
    if (attachment === undefined || seen.has(position)) continue
    seen.add(position)
    arranged.push(attachment)
  }
  decisions.push({
    rule: 'order',
    subject: 'plan',
    inputs: { strategy: order.rule },
    chose: positions.every((position, index) => position === index)
      ? 'as listed'
      : positions.join(', '),
    why: order.why,
  })
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

const decidePrimary = (subject: string, ifname: string, profile: Profile): Decision => ({
  rule: 'primary',
  subject,
  inputs: { ifname, strategy: profile.primary.rule },
  chose: subject,
  why: profile.primary.why,
})

const decideMerge = (profile: Profile): Decision => ({
  rule: 'merge',
  subject: 'plan',
  inputs: { profile: profile.name },
  chose: profile.merge.rule,
  why: profile.merge.why,
})

const decideVersion = (version: string, configured: boolean): Decision => ({
  rule: 'version',
  subject: 'plan',
  inputs: { configured },
  chose: version,
  why: configured
    ? "the result is given in the configuration's cniVersion; absent means 0.1.0"
    : 'without a configuration the newest version is given',
})
