/** Decides what one plugin call of a plan looks like: environment, stdin, search path, and the name errors give it. */
import * as E from 'fp-ts/lib/Either.js'
import { deriveStdin, type ValidAttachment } from '../cni/derive.js'
import type { CniError } from '../cni/error.js'
import type { Invocation, Verb } from '../cni/invocation.js'
import type { AnyResult } from '../cni/result.js'
import type { Sandbox } from '../cni/sandbox.js'
import type { Attachment } from '../plan/types.js'
import type { CallName, EngineError } from './error.js'
import type { EngineRecord, StepState } from './record.js'
import type { StepReport } from './state.js'

/** The invocation of a plugin of an attachment. Left: why its stdin cannot be made. */
export const invocationOf = (
  verb: Verb,
  attachment: Attachment,
  plugin: number,
  sandbox: Sandbox,
  prevResult: AnyResult | undefined,
  validAttachments?: readonly ValidAttachment[],
): E.Either<CniError, Invocation> => {
  const configuration = attachment.config.plugins[plugin]
  if (configuration === undefined) return E.left({ code: 999, msg: `no plugin ${plugin}` })
  const stdin = deriveStdin({
    list: attachment.config,
    plugin: configuration,
    verb,
    prevResult,
    capabilityArgs: attachment.capabilityArgs,
    validAttachments,
  })
  return E.map((json: Invocation['stdin']) => ({
    type: configuration.type,
    verb,
    stdin: json,
    env: {
      CNI_COMMAND: verb,
      CNI_CONTAINERID: sandbox.containerId,
      CNI_NETNS: sandbox.netns,
      // STATUS asks about a network, not about an attachment (S-058).
      CNI_IFNAME: verb === 'STATUS' ? '' : attachment.ifname,
      CNI_ARGS: sandbox.args,
      // A record may bear what an ADD refuses: a directory that would be read as two.
      CNI_PATH: sandbox.path.filter((directory) => !directory.includes(':')).join(':'),
    },
    path: sandbox.path,
  }))(stdin)
}

/** How errors name a call. */
export const callName = (verb: Verb, attachment: Attachment, plugin: number): CallName => ({
  verb,
  type: attachment.config.plugins[plugin]?.type ?? '',
  network: attachment.network.name,
  ifname: attachment.ifname,
})

/** How an outcome reports an attachment. */
export const reportOf = (
  record: EngineRecord,
  index: number,
  state: StepState,
  error?: EngineError,
): StepReport => {
  const attachment = record.plan.attachments[index]
  const network = attachment?.network.name ?? ''
  const ifname = attachment?.ifname ?? ''
  return error === undefined ? { network, ifname, state } : { network, ifname, state, error }
}

/** A record's sandbox, less what a request brings its own of; the request's directories are searched first. */
export const overlaySandbox = (recorded: Sandbox, requested: Sandbox): Sandbox => ({
  ...recorded,
  netns: requested.netns === '' ? recorded.netns : requested.netns,
  args: requested.args === '' ? recorded.args : requested.args,
  path: [...new Set([...requested.path, ...recorded.path])],
})
