/** Decides which calls the cases make: ordinary ones, and ones that no type would allow. Refuses nothing. */
import type { CniEnvironment, Invocation } from '../../lib/cni/invocation.js'
import type { Subject } from './subject.js'

/** What a case changes of an ordinary ADD. `env` is merged; values may be of a wrong type on purpose. */
export interface Changes {
  readonly type?: unknown
  readonly verb?: unknown
  readonly stdin?: unknown
  readonly env?: Readonly<Record<string, unknown>>
  readonly path?: unknown
}

/** An ADD of a plugin for a container. */
export const callOf = (subject: Subject, type: string, changes: Changes = {}): Invocation => {
  const verb = changes.verb ?? 'ADD'
  const env: Partial<Record<keyof CniEnvironment, unknown>> = {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: 'contract-a',
    CNI_NETNS: '/run/netns/contract-a',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=contract',
    CNI_PATH: subject.path.join(':'),
    ...changes.env,
  }
  return {
    type: 'type' in changes ? changes.type : type,
    verb,
    stdin: 'stdin' in changes ? changes.stdin : { cniVersion: '1.0.0', name: 'contract', type },
    env,
    path: 'path' in changes ? changes.path : subject.path,
  } as unknown as Invocation
}

/** Freezes a value and all that it holds. */
export const freeze = <A>(value: A): A => {
  if (typeof value === 'object' && value !== null) {
    for (const held of Object.values(value)) freeze(held)
    Object.freeze(value)
  }
  return value
}
