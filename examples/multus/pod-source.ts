/**
 * Decides where annotations come from: from the runtime, where it sends them. Refuses a kubeconfig and an in-cluster
 * environment instead of ignoring them: a pod would silently lose its networks.
 */
import { at, failure, type Problem } from '../../lib/cni/problem.js'
import { decodeRuntimePod, type MetaConfiguration, type PodSource } from '../../lib/index.js'

type Env = Readonly<Record<string, string | undefined>>

/** The pod source that a configuration and an environment ask for. */
export const choosePodSource = (meta: MetaConfiguration, env: Env): PodSource => {
  const problems = podSourceProblems(meta, env)
  if (problems.length > 0) return { read: async () => ({ ok: false, problems }) }
  return { read: async (named) => decodeRuntimePod(meta.runtimeConfig, named) }
}

/** Why no pod could be read, whichever it is; none when nothing is wrong. */
export const podSourceProblems = (
  { kubeconfig }: MetaConfiguration,
  env: Env,
): readonly Problem[] => {
  if (kubeconfig !== undefined) {
    return unavailable(at('stdin', 'kubeconfig'), `unsupported field kubeconfig "${kubeconfig}"`)
  }
  // The two variables by which every Kubernetes client knows that it runs in a cluster.
  if (env.KUBERNETES_SERVICE_HOST && env.KUBERNETES_SERVICE_PORT) {
    const host = env.KUBERNETES_SERVICE_HOST
    return unavailable(
      at('environment', 'KUBERNETES_SERVICE_HOST'),
      `in a cluster (API server ${host})`,
    )
  }
  return []
}

const unavailable = (path: string, what: string): readonly Problem[] => {
  const message = `${what}: reading pods from an API server is not there yet`
  const hint =
    'leave it out: annotations come from the runtime then, and defaultDelegates serves the others'
  return [failure('pod-source-unavailable', path, message, hint)]
}
