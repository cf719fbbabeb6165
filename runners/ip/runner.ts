/**
 * Decides how a plugin call is answered without the plugin's binary: a native script (lib/native) carried out by `ip`
 * commands. Refuses types that it does not know, and leaves nothing behind when anything fails.
 */
import * as E from 'fp-ts/lib/Either.js'
import { convertResult } from '../../lib/cni/convert.js'
import type { CniError } from '../../lib/cni/error.js'
import { type Answer, type Invocation, noAnswer } from '../../lib/cni/invocation.js'
import { quote } from '../../lib/cni/problem.js'
import type { AnyResult, Result } from '../../lib/cni/result.js'
import { knownVersions } from '../../lib/cni/version.js'
import { inputVersion, versionReply } from '../../lib/cni/version-verdict.js'
import { isPlainWord } from '../../lib/native/command.js'
import { ipamTypeOf } from '../../lib/native/configuration.js'
import { nativePlugins } from '../../lib/native/plugins.js'
import type { NativeCall, NativePlugin, Script } from '../../lib/native/script.js'
import type { Runner } from '../../lib/ports/index.js'
import { onAbort, sleep } from '../node/abort.js'
import { callAddressPlugin } from './address-plugin.js'
import { faultOfCall } from './border.js'
import { callOf } from './call.js'
import type { IpamOptions } from './ipam/ipam.js'
import { createIpamRunner } from './ipam/runner.js'
import { createPerformer, type Performer } from './performer.js'
import { createPrograms, type ProgramEnvironment, type Programs } from './programs.js'
import { misunderstood, refusalOf } from './refusal.js'

/** What the runner is made of. */
export interface IpRunnerOptions {
  /** Called for address plugins that are not native: all but host-local and static. */
  readonly ipam?: Runner
  /** Does what releases of the binaries after 1.1.1 do, too (docs/ip-runner.md). Default: no. */
  readonly later?: boolean
  /** The plugins that need no binary. Default: those of lib/native. */
  readonly plugins?: ReadonlyMap<string, NativePlugin>
  /** The environment in which `ip`, `nsenter` and iptables are found: PATH. */
  readonly env: ProgramEnvironment
}

/** The Runner. Its calls share nothing. */
export const createNativeRunner = (options: IpRunnerOptions): Runner => ({
  run: async (invocation, signal) => {
    try {
      const fault = faultOfCall(invocation)
      if (fault !== undefined) return fault
      const plugin = (options.plugins ?? nativePlugins).get(invocation.type)
      if (plugin === undefined) {
        const message = `the ip runner has no ${quote(invocation.type)}: it needs its binary`
        return noAnswer('not-found', message, false)
      }
      if (signal.aborted) return noAnswer('aborted', 'stopped before it began', false)
      return await answer(plugin, invocation, options, signal)
    } catch (error) {
      return noAnswer('runner-threw', `the ip runner failed: ${String(error)}`, true)
    }
  },
})

const answer = async (
  plugin: NativePlugin,
  invocation: Invocation,
  options: IpRunnerOptions,
  signal: AbortSignal,
): Promise<Answer> => {
  const { verb, stdin } = invocation
  if (verb === 'VERSION') {
    return printed(versionReply(inputVersion(JSON.stringify(stdin)), knownVersions))
  }
  const call = callOf(invocation, options.later ?? false)
  const refusal = refusalOf(invocation, call)
  if (refusal !== undefined) return { kind: 'refused', error: refusal }
  if (verb === 'GC') return collect(invocation, addressRunner(options), signal)
  const script = scriptOf(plugin, call, verb)
  if (script === undefined) return { kind: 'success', stdout: '' }
  const programs = createPrograms(options.env)
  // An ADD locks with the program that enters the container; a DEL's is busy with the link meanwhile.
  const ipam = addressRunner(
    options,
    verb === 'ADD' ? { lock: (...given) => performer.lock(...given) } : {},
  )
  const performer = createPerformer({
    programs,
    call,
    ipam: (one) => callAddressPlugin(ipam, invocation, one, signal),
    sleep: (milliseconds) => sleep(milliseconds, signal),
    launches: verb === 'ADD' && plugin.takesAddresses && isPlainWord(call.netns),
  })
  const running = run(script, performer, {
    isAdd: verb === 'ADD',
    cniVersion: call.cniVersion,
    refusal:
      options.plugins === undefined
        ? misunderstood(invocation, options.ipam !== undefined)
        : undefined,
  }).catch(async (error: unknown): Promise<never> => {
    // Nobody waits for what goes on: it must not.
    await programs.stop()
    throw error
  })
  const outcome = await unlessAborted(programs, signal, running)
  if (outcome === undefined)
    return noAnswer('aborted', `${verb} ${invocation.type} was stopped`, true)
  if (outcome === 'unkillable') {
    return noAnswer('unkillable', `${verb} ${invocation.type} could not be stopped`, true)
  }
  if (programs.hasOverflowed()) {
    return noAnswer(
      'too-much-output',
      `${verb} ${invocation.type}: a program printed too much`,
      true,
    )
  }
  if (E.isLeft(outcome)) {
    // It went between our look and its end: a DEL goes on as where it is gone.
    const isGone = verb === 'DEL' && call.hasNamespace && !callOf(invocation, false).hasNamespace
    if (isGone) return answer(plugin, invocation, options, signal)
    return { kind: 'refused', error: outcome.left }
  }
  return outcome.right === undefined ? { kind: 'success', stdout: '' } : printed(outcome.right)
}

const addressRunner = ({ ipam }: IpRunnerOptions, options: IpamOptions = {}): Runner => {
  const native = createIpamRunner(options)
  return {
    run: (invocation, signal) => {
      const { type } = invocation
      const isNative = type === 'host-local' || type === 'static' || ipam === undefined
      return (isNative ? native : ipam).run(invocation, signal)
    },
  }
}

/** On ADD the result, as it is printed. */
type Outcome = E.Either<CniError, object | undefined>

const scriptOf = (
  plugin: NativePlugin,
  call: NativeCall,
  verb: Exclude<Invocation['verb'], 'VERSION' | 'GC'>,
): Script<Result | undefined> | undefined => {
  switch (verb) {
    case 'ADD':
      return plugin.add(call)
    case 'CHECK':
      return plugin.check(call)
    case 'DEL':
      return plugin.del(call)
    case 'STATUS':
      return plugin.status?.(call)
  }
}

interface RunOptions {
  readonly isAdd: boolean
  /** Why nothing may be done, where the script itself has no objection. */
  readonly refusal: CniError | undefined
  readonly cniVersion: string
}

/** Carries out a script; what an ADD that failed had done is undone, and what could not be is said in its error. */
const run = async (
  script: Script<Result | undefined>,
  performer: Performer,
  { isAdd, cniVersion, refusal }: RunOptions,
): Promise<Outcome> => {
  let turn = script.next()
  if (turn.done !== true && refusal !== undefined) return E.left(refusal)
  while (turn.done !== true) {
    const seen = await performer.perform(turn.value)
    if (E.isLeft(seen)) return failed(seen.left, performer, isAdd)
    turn = script.next(seen.right)
  }
  const printable = E.chain((result: Result | undefined) => printableOf(result, cniVersion))(
    turn.value,
  )
  if (E.isLeft(printable)) return failed(printable.left, performer, isAdd)
  await performer.close()
  return printable
}

// A result that its version cannot express fails the ADD, and what was done is undone.
const printableOf = (result: Result | undefined, cniVersion: string): Outcome => {
  if (result === undefined) return E.right(undefined)
  const converted = convertResult(complete(result), cniVersion)
  // As the binaries print it, whether it says anything or not.
  return E.map((one: AnyResult) => ({ ...one, dns: one.dns ?? {} }))(converted)
}

const failed = async (error: CniError, performer: Performer, isAdd: boolean): Promise<Outcome> => {
  const left = isAdd ? await performer.undo() : []
  await performer.close()
  if (left.length === 0) return E.left(error)
  const words = left.map(({ msg }) => msg).join('; ')
  return E.left({ ...error, details: `${error.details ?? ''} left behind: ${words}`.trim() })
}

/** What a script came to; undefined when the signal fired first and everything was stopped. */
const unlessAborted = async (
  programs: Programs,
  signal: AbortSignal,
  outcome: Promise<Outcome>,
): Promise<Outcome | undefined | 'unkillable'> => {
  let release = (): void => {}
  const aborted = new Promise<undefined>((resolve) => {
    release = onAbort(signal, () => resolve(undefined))
  })
  const first = await Promise.race([outcome, aborted])
  release()
  if (first !== undefined) return first
  if (!(await programs.stop())) return 'unkillable'
  // It fails at once, as nothing can be started any more: what it leaves is for DEL.
  await outcome
  return undefined
}

/** GC goes to the address plugin: the links of containers that are gone are gone with them (SPEC S-063). */
const collect = async (
  invocation: Invocation,
  ipam: Runner,
  signal: AbortSignal,
): Promise<Answer> => {
  if (ipamTypeOf(invocation.stdin) === '') return { kind: 'success', stdout: '' }
  const outcome = await callAddressPlugin(ipam, invocation, 'GC', signal)
  return E.isLeft(outcome)
    ? { kind: 'refused', error: outcome.left }
    : { kind: 'success', stdout: '' }
}

/** A result without empty lists, as the binaries print it. */
const complete = ({ ips = [], routes = [], interfaces = [], ...rest }: Result): Result => ({
  ...rest,
  ...(interfaces.length > 0 && { interfaces }),
  ...(ips.length > 0 && { ips }),
  ...(routes.length > 0 && { routes }),
})

const printed = (value: object): Answer => ({
  kind: 'success',
  stdout: `${JSON.stringify(value)}\n`,
})
