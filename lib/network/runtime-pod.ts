/**
 * Decides what a runtime itself tells of a pod: containerd and CRI-O send a pod's annotations along when the configuration
 * has the capability of that name. Refuses annotations that are no text.
 */
import { isObject, type JsonObject } from '../cni/json.js'
import { at, failure, type Problem, quote } from '../cni/problem.js'
import type { Pod } from './pod.js'

/** The capability, and the key of `runtimeConfig` under which the annotations come. */
export const podAnnotationsCapability = 'io.kubernetes.cri.pod-annotations'

/**
 * The pod with the annotations that the runtime has sent; undefined when it has sent none, which says nothing of the pod.
 * `named` is the pod of CNI_ARGS. Problems are `bad-pod`, at the place in the configuration.
 */
export const decodeRuntimePod = (
  runtimeConfig: JsonObject,
  named: { readonly namespace: string; readonly name: string },
  source = 'stdin',
):
  | { readonly ok: true; readonly pod: Pod | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[] } => {
  const place = ['runtimeConfig', podAnnotationsCapability]
  const refuse = (message: string, ...more: readonly string[]): Problem =>
    failure('bad-pod', at(source, ...place, ...more), message)
  if (!Object.hasOwn(runtimeConfig, podAnnotationsCapability)) return { ok: true, pod: undefined }
  // Go sends null for a pod without any.
  const annotations = runtimeConfig[podAnnotationsCapability] ?? {}
  if (!isObject(annotations)) {
    return { ok: false, problems: [refuse(`annotations are ${quote(annotations)}, not an object`)] }
  }
  const problems = Object.entries(annotations)
    .filter(([, value]) => typeof value !== 'string')
    .map(([key, value]) => refuse(`annotation ${quote(key)} is ${quote(value)}, not a text`, key))
  if (problems.length > 0) return { ok: false, problems }
  const { namespace, name } = named
  const pod: Pod = {
    annotations: annotations as Pod['annotations'],
    source,
    ...(name !== '' && { name }),
    ...(namespace !== '' && { namespace }),
  }
  return { ok: true, pod }
}
