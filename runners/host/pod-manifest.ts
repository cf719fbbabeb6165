/**
 * Decides which pod a manifest describes, in YAML or JSON. Refuses to guess between several pods, and annotations
 * that are no text.
 */
import { isObject } from '../../lib/cni/json.js'
import { at, failure, quote } from '../../lib/cni/problem.js'
import type { Pod } from '../../lib/network/pod.js'
import type { PodAnswer } from '../../lib/ports/index.js'
import { type PodCandidate, podCandidates, podKinds } from './pod-candidates.js'
import { decodeYaml } from './yaml-text.js'

/** Which of several pods is meant; an absent or empty field is any. */
export interface WantedPod {
  readonly namespace?: string
  readonly name?: string
}

/**
 * The pod of a manifest's text, 1 MiB at most. With several pods, the one that is wanted. Problems are `bad-pod`, at
 * the place in the document; of several documents `source` is followed by the index of the one.
 */
export const parsePodManifest = (
  text: string,
  source: string,
  wanted: WantedPod = {},
): PodAnswer => {
  const decoded = decodeYaml(text)
  if (!decoded.ok) {
    const problems = decoded.messages.map((message) => failure('bad-pod', at(source), message))
    return { ok: false, problems }
  }
  const { values } = decoded
  const candidates = values.flatMap((value, index) =>
    podCandidates(value, values.length > 1 ? `${source}[${index}]` : source),
  )
  const [first] = candidates
  if (first === undefined) {
    return bad(source, 'there is no pod in it', `kinds that hold a pod: ${podKinds.join(', ')}`)
  }
  const fitting = candidates.length === 1 ? candidates : candidates.filter(fits(wanted))
  const [chosen] = fitting
  if (chosen === undefined || fitting.length > 1) {
    const names = candidates.slice(0, 10).map(({ name }) => quote(name))
    const message = `${candidates.length} pods in it, of which ${fitting.length} fit: ${names}`
    return bad(source, message, 'say which pod is meant, by its name')
  }
  return podOf(chosen)
}

const bad = (source: string, message: string, hint?: string): PodAnswer => ({
  ok: false,
  problems: [failure('bad-pod', at(source), message, hint)],
})

const fits =
  (wanted: WantedPod) =>
  ({ name, namespace }: PodCandidate): boolean =>
    (!wanted.name || wanted.name === name) &&
    (!wanted.namespace || namespace === '' || wanted.namespace === namespace)

const podOf = (candidate: PodCandidate): PodAnswer => {
  const { metadata, source, keys, name, namespace, isTemplate } = candidate
  const refuse = (message: string, ...more: readonly string[]) =>
    failure('bad-pod', at(source, ...keys, ...more), message)
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    return { ok: false, problems: [refuse(`metadata are ${shown(metadata)}, not an object`)] }
  }
  const annotations = metadata?.annotations ?? {}
  if (!isObject(annotations)) {
    const problem = refuse(`annotations are ${shown(annotations)}, not an object`, 'annotations')
    return { ok: false, problems: [problem] }
  }
  const problems = Object.entries(annotations)
    .filter(([, value]) => typeof value !== 'string')
    .map(([key, value]) =>
      refuse(`annotation ${quote(key)} is ${shown(value)}, not a text`, 'annotations', key),
    )
  if (problems.length > 0) return { ok: false, problems }
  const pod: Pod = {
    annotations: annotations as Pod['annotations'],
    source,
    ...(name === '' || isTemplate ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
  }
  return { ok: true, pod }
}

// Aliases can make an object hold itself: only scalars are shown.
const shown = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list'
  return isObject(value) ? 'an object' : quote(value)
}
