/** Decides how the tests call a simulated plugin: an ADD of container c1 under eth0 unless they say otherwise. */
import type { Answer, Invocation, Verb } from '../../lib/cni/invocation.js'
import type { JsonObject } from '../../lib/cni/json.js'
import type { MemoryNode } from '../../runners/memory/index.js'

export interface Where {
  readonly id?: string
  readonly ifname?: string
  readonly netns?: string
  readonly args?: string
}

export const netnsOf = (id: string): string => `/run/netns/${id}`

/** A call of a plugin with a configuration in 1.1.0 on the network `net`, unless `config` says otherwise. */
export const invocationOf = (
  verb: Verb,
  config: JsonObject & { readonly type: string },
  { id = 'c1', ifname = 'eth0', netns = netnsOf(id), args = '' }: Where = {},
): Invocation => ({
  type: config.type,
  verb,
  stdin: { cniVersion: '1.1.0', name: 'net', ...config },
  env: {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: id,
    CNI_NETNS: netns,
    CNI_IFNAME: ifname,
    CNI_ARGS: args,
    CNI_PATH: '/opt/cni/bin',
  },
  path: ['/opt/cni/bin'],
})

export const run = (
  node: MemoryNode,
  verb: Verb,
  config: JsonObject & { readonly type: string },
  where: Where = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Answer> => node.runner.run(invocationOf(verb, config, where), signal)

/** What a successful call printed, decoded; an answer of another kind in words. */
export const printed = (answer: Answer): JsonObject => {
  if (answer.kind === 'success') return answer.stdout === '' ? {} : JSON.parse(answer.stdout)
  return { failure: wordsOf(answer) }
}

/** `code message` of a refusal, the reason of no answer, or what was printed. */
export const wordsOf = (answer: Answer): string => {
  if (answer.kind === 'refused') {
    const { code, msg, details } = answer.error
    return `${code} ${msg}${details === undefined ? '' : `; ${details}`}`
  }
  return answer.kind === 'none' ? `none ${answer.reason.kind}` : answer.stdout
}

/** The addresses in a result. */
export const addressesIn = (result: JsonObject): readonly string[] =>
  ((result.ips ?? []) as readonly { readonly address: string }[]).map(({ address }) => address)
