/**
 * Decides which networks a pod is given: those of its annotation, of the configuration, or both, as the profile
 * combines them. Refuses a pod without any (the fork said something else), and one with too many.
 */
import { at, failure, type Problem } from '../cni/problem.js'
import type { Grammar } from '../network/annotation.js'
import type { Selection } from '../network/selection.js'
import { maximumAttachments, type PlanInput } from './input.js'
import type { Profile } from './profile.js'

/** The selections that count, in the order of listing. */
export interface Selected {
  readonly selections: readonly Selection[]
  /** The key of the annotation, or what stands in for it; null when there is none. */
  readonly annotation: string | null
  readonly hasDefaults: boolean
}

interface Annotation {
  readonly source: string
  readonly text: string
}

/** The selections of a pod. Problems go to `problems`: `no-networks`, `too-many-networks` and the grammar's. */
export const selectNetworks = (
  input: PlanInput,
  defaultDelegates: string | undefined,
  profile: Profile,
  problems: Problem[],
): Selected => {
  const { grammar, combination } = profile
  const annotation = annotationOf(input, profile)
  const defaults = input.defaultDelegates ?? defaultDelegates ?? ''
  const before = problems.length
  const annotated = annotation && parse(grammar, annotation, problems)
  const selections = combination.combine(annotated, () =>
    defaults.trim() === ''
      ? []
      : parse(grammar, { source: 'defaultDelegates', text: defaults }, problems),
  )
  const selected = {
    selections,
    annotation: annotation?.source ?? null,
    hasDefaults: defaults !== '',
  }
  if (selections.length > maximumAttachments) {
    const message = `${selections.length} networks are asked for; ${maximumAttachments} is the limit`
    const source = annotation?.source ?? 'defaultDelegates'
    problems.push(failure('too-many-networks', at(source), message))
    return { ...selected, selections: [] }
  }
  if (selections.length === 0 && !problems.slice(before).some(isError)) {
    problems.push(noNetworks(annotation, annotated?.length === 0, profile))
  }
  return selected
}

const parse = (
  grammar: Grammar,
  { source, text }: Annotation,
  problems: Problem[],
): readonly Selection[] => {
  const parsed = grammar.parse(text, source)
  for (const problem of parsed.problems) problems.push(problem)
  return parsed.selections
}

const isError = ({ severity }: Problem): boolean => severity === 'error'

/** The text that selects: of the first annotation key that is present and not empty. */
const annotationOf = (input: PlanInput, profile: Profile): Annotation | undefined => {
  if (input.networks !== undefined) {
    return input.networks.trim() === '' ? undefined : { source: 'networks', text: input.networks }
  }
  const annotations = input.pod?.annotations
  if (annotations === undefined) return undefined
  for (const source of profile.annotationKeys) {
    const text = Object.hasOwn(annotations, source) ? annotations[source] : undefined
    if (typeof text === 'string' && text.trim() !== '') return { source, text }
  }
  return undefined
}

const noNetworks = (
  annotation: Annotation | undefined,
  isEmptyList: boolean,
  profile: Profile,
): Problem => {
  if (annotation !== undefined && isEmptyList) {
    return failure('no-networks', at(annotation.source), 'the list of networks is empty')
  }
  const path = at('defaultDelegates')
  return annotation === undefined
    ? failure(
        'no-networks',
        path,
        'the pod names no network and there are no default ones',
        `annotate the pod with ${profile.annotationKeys[0] ?? 'its networks'}, or set defaultDelegates`,
      )
    : failure(
        'no-networks',
        path,
        'there is no default network, to which every pod is attached first',
        'set defaultDelegates: the networks of the annotation come after it',
      )
}
