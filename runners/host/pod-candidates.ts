/**
 * Decides where in a Kubernetes object the metadata of a pod stand: in a Pod itself, in the pod template of what makes
 * pods, in the items of a List. Refuses to find pods anywhere else.
 */
import { isObject } from '../../lib/cni/json.js'

/** A place where a pod's metadata stand, or should. */
export interface PodCandidate {
  /** What stands there; undefined when nothing does. */
  readonly metadata: unknown
  /** How problems speak of the document. */
  readonly source: string
  /** The keys that lead to `metadata`. */
  readonly keys: readonly (string | number)[]
  /** The name of the object: the pod's own, or its owner's when `isTemplate`. Empty when it has none. */
  readonly name: string
  readonly namespace: string
  readonly isTemplate: boolean
}

const workload = ['spec', 'template']

/** Kinds that hold a pod, and the keys that lead to it. */
const podPaths: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['Deployment', workload],
  ['ReplicaSet', workload],
  ['ReplicationController', workload],
  ['StatefulSet', workload],
  ['DaemonSet', workload],
  ['Job', workload],
  ['CronJob', ['spec', 'jobTemplate', ...workload]],
])

/** The kinds in which a pod is looked for; for hints. */
export const podKinds: readonly string[] = [...podPaths.keys()].map(String)

/** The pods of one object, in its order. `keys` lead to it inside its document. */
export const podCandidates = (
  value: unknown,
  source: string,
  keys: readonly (string | number)[] = [],
): readonly PodCandidate[] => {
  if (!isObject(value)) return []
  const items = valueAt(value, ['items'])
  if (/^(Pod)?List$/.test(textAt(value, ['kind'])) && Array.isArray(items) && keys.length === 0) {
    return items.flatMap((item, index) => podCandidates(item, source, ['items', index]))
  }
  const path = podPaths.get(valueAt(value, ['kind']))
  if (path === undefined) return []
  const candidate: PodCandidate = {
    metadata: valueAt(value, [...path, 'metadata']),
    source,
    keys: [...keys, ...path, 'metadata'],
    name: textAt(value, ['metadata', 'name']),
    namespace: textAt(value, ['metadata', 'namespace']),
    isTemplate: path.length > 0,
  }
  return [candidate]
}

// The keys are a stranger's: what is inherited is not there.
const valueAt = (value: unknown, keys: readonly string[]): unknown =>
  keys.reduce<unknown>(
    (found, key) => (isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined),
    value,
  )

const textAt = (value: unknown, keys: readonly string[]): string => {
  const text = valueAt(value, keys)
  return typeof text === 'string' ? text : ''
}
