/** Decides what the tests of planning plan with: networks as files, and the shape of an answer in a line. */
import type { JsonObject } from '../../lib/cni/json.js'
import type { Problem } from '../../lib/cni/problem.js'
import type { SourceText } from '../../lib/network/network.js'
import type { PlanInput } from '../../lib/plan/input.js'
import { computePlan, type Planned } from '../../lib/plan/plan.js'
import type { Profile } from '../../lib/plan/profile.js'
import type { Plan } from '../../lib/plan/types.js'
import { tke } from '../../lib/profile/tke.js'

/** A configuration file of one plugin in /etc/cni/net.d/multus. */
export const conf = (name: string, keys: JsonObject = {}): SourceText => ({
  source: `/etc/cni/net.d/multus/${name}.conf`,
  text: JSON.stringify({ cniVersion: '1.0.0', name, type: 'bridge', ...keys }),
})

/** A file of a list in /etc/cni/net.d/multus. */
export const conflist = (name: string, ...plugins: readonly JsonObject[]): SourceText => ({
  source: `/etc/cni/net.d/multus/${name}.conflist`,
  text: JSON.stringify({ cniVersion: '1.0.0', name, plugins }),
})

/** The networks a, b, c and d, each a bridge. */
export const files: readonly SourceText[] = ['a', 'b', 'c', 'd'].map((name) => conf(name))

/** A plan of the four networks unless the input says otherwise. */
export const planOf = (input: PlanInput, profile: Profile = tke): Planned =>
  computePlan({ files, ...input }, profile)

/** A plan that must be one. */
export const mustPlan = (input: PlanInput, profile: Profile = tke): Plan => {
  const planned = planOf(input, profile)
  if (planned.ok) return planned.plan
  throw new Error(`refused: ${JSON.stringify(planned.problems)}`)
}

/** The attachments of a plan, the primary one with a star: `a=eth0* b=eth1`. */
export const layout = ({ attachments }: Plan): string =>
  attachments
    .map(({ network, ifname, primary }) => `${network.name}=${ifname}${primary ? '*' : ''}`)
    .join(' ')

/** `layout` of a plan, or the codes and paths of its problems: `bad-ifname networks#/1`. */
export const outcome = (planned: Planned): string =>
  planned.ok ? layout(planned.plan) : briefly(planned.problems)

/** Codes and paths. */
export const briefly = (problems: readonly Problem[]): string =>
  problems.map(({ code, path }) => `${code} ${path}`).join(', ')

/** What an annotation comes to under a profile. */
export const outcomeOf = (networks: string, profile: Profile = tke): string =>
  outcome(planOf({ networks }, profile))

/** The meta plugin's configuration as JSON. */
export const meta = (keys: JsonObject): SourceText => ({
  source: 'stdin',
  text: JSON.stringify({ name: 'node-cni-network', type: 'multus', ...keys }),
})
