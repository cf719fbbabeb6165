/** Decides which profile a name means. Refuses names that no profile has. */
import { at, failure, type Problem, quote } from '../../lib/cni/problem.js'
import { multus, type Profile, strict, tke } from '../../lib/index.js'

const profiles: Readonly<Record<string, Profile>> = { tke, multus, strict }

/** The names of all profiles. */
export const profileNames: readonly string[] = Object.keys(profiles)

/** The profile of a name; `tke` without one. */
export const chooseProfile = (
  name: string = tke.name,
):
  | { readonly ok: true; readonly value: Profile }
  | { readonly ok: false; readonly problem: Problem } => {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile !== undefined) return { ok: true, value: profile }
  const message = `no profile is named ${quote(name)}`
  const hint = `known: ${profileNames.join(', ')}`
  return { ok: false, problem: failure('unknown-profile', at('--profile'), message, hint) }
}
