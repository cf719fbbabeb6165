/**
 * Decides how a script's stages are carried out: both namespaces, the address plugin and the packet filter beside each
 * other, and how all of it is undone. Refuses a stage with a word that could be read as something else.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from '../../lib/cni/error.js'
import type { Result } from '../../lib/cni/result.js'
import {
  type Command,
  type FilterRules,
  ip,
  isPlainWord,
  type KeptFile,
  type Seen,
  type Stage,
} from '../../lib/native/command.js'
import { ipamTypeOf } from '../../lib/native/configuration.js'
import { chainOf } from '../../lib/native/names.js'
import type { NativeCall } from '../../lib/native/script.js'
import { type Lock, lockDescriptor } from '../node/flock.js'
import type { AddressOutcome } from './address-plugin.js'
import { createContainerSession } from './container-session.js'
import { errorOf, type Failure } from './failure.js'
import { createHostSession } from './host-session.js'
import { keepFile } from './kept-file.js'
import { createLaunch } from './launch.js'
import type { Performed, Undo } from './performed.js'
import type { Programs } from './programs.js'
import { changeRules, type RulesAnswer, readRules } from './rules.js'

/** What stages are carried out with. */
export interface PerformerOptions {
  readonly programs: Programs
  readonly call: NativeCall
  /** Calls the address plugin. */
  readonly ipam: (verb: NonNullable<Stage['ipam']>) => Promise<AddressOutcome>
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Both namespaces will be needed: what enters them is started as one. */
  readonly launches: boolean
}

/** Carries out the stages of one script. */
export interface Performer {
  /** How the address plugin locks: with a program that the container's commands need anyway. */
  readonly lock: Lock
  /** Left: what failed. What was done before stays until `undo`. */
  perform(stage: Stage): Promise<E.Either<CniError, Seen>>
  /** Undoes everything that was done, the last first. What could not be undone. */
  undo(): Promise<readonly CniError[]>
  close(): Promise<void>
}

/** The performer of one call. */
export const createPerformer = ({
  programs,
  call,
  ipam,
  sleep,
  launches,
}: PerformerOptions): Performer => {
  let container = createContainerSession(call.netns, programs)
  const launch = launches ? createLaunch(programs, call.netns, () => container) : undefined
  let host = createHostSession(programs, launch && (() => launch.host))
  const steps: Step[] = []
  const rules = new Map<4 | 6, readonly string[]>()
  const begun: Begun = { reading: [] }
  const locks = ipamTypeOf(call.config) === 'host-local'

  const beginAddresses = ({ ipam: verb }: Stage): void => {
    if (verb !== undefined) {
      const answer = ipam(verb)
      begun.ipam = answer
      if (verb === 'ADD') steps.push({ kind: 'addresses', answer })
    }
    // Without a lock to wait for, or when the address plugin has refused before it asked for one.
    if (verb === undefined || !locks) launch?.now()
    else void begun.ipam?.then(() => launch?.now())
  }
  const beginRules = ({ readsRules = [] }: Stage): void => {
    for (const family of readsRules) {
      // After the programs that others wait for.
      const answer = (launch?.host ?? Promise.resolve())
        .then(() => readRules(family, chainOf(call), programs))
        .then((one) => ({ family, answer: one }))
      begun.reading.push(answer)
    }
  }
  const awaitBegun = async (): Promise<E.Either<CniError, Result | undefined>> => {
    const read = await Promise.all(begun.reading.splice(0))
    const given = (await begun.ipam) ?? E.right(undefined)
    // Whoever waits for the addresses need not wait for the container.
    container.unlock()
    for (const { family, answer } of read) {
      if (!answer.ok) return E.isLeft(given) ? given : E.left(errorOf(answer.failure, call))
      rules.set(family, answer.lines)
    }
    return given
  }
  const change = async ({ family, lines, undo }: FilterRules): Promise<Failure | undefined> => {
    if (lines.length === 0) return undefined
    const answer = await changeRules(family, lines, programs)
    if (!answer.ok) return answer.failure
    if (undo !== undefined && undo.length > 0) steps.push({ kind: 'rules', family, lines: undo })
    return undefined
  }
  const note = ({ undo }: Performed): void => {
    for (const one of undo) steps.push({ kind: 'command', undo: one })
  }
  return {
    lock: (descriptor, signal) =>
      launch === undefined ? lockDescriptor(descriptor, signal) : launch.lock(descriptor, signal),
    perform: async (stage) => {
      const odd = oddWord(stage)
      if (odd !== undefined) return E.left(odd)
      if (stage.pause !== undefined) await sleep(stage.pause)
      const kept = stage.keep === undefined ? undefined : await keep(stage.keep, steps)
      if (kept !== undefined) return E.left(kept)
      beginAddresses(stage)
      const performing = [
        host.perform(stage.host ?? [], false),
        container.perform(stage.container ?? [], stage.isLast ?? false),
      ] as const
      // After the kernel has something to do: starting a program keeps this process busy.
      beginRules(stage)
      const [ofHost, ofContainer, ...ofFilter] = await Promise.all([
        ...performing,
        ...(stage.filter ?? []).map(change),
      ])
      note(ofHost)
      note(ofContainer)
      const failure = [ofHost.failure, ofContainer.failure, ...ofFilter].find(Boolean)
      if (failure !== undefined && !stage.goesOn) return E.left(errorOf(failure, call))
      const given = stage.awaits ? await awaitBegun() : E.right(undefined)
      if (E.isLeft(given)) return given
      return E.right({
        host: ofHost.readings,
        container: ofContainer.readings,
        rules,
        ...(failure !== undefined && { failure: errorOf(failure, call) }),
        ...(given.right !== undefined && { ipam: given.right }),
      })
    },
    undo: async () => {
      // What began beside a failure is undone, too: it must have ended first.
      await Promise.all([begun.ipam, ...begun.reading])
      await Promise.all([host.close(), container.close()])
      host = createHostSession(programs)
      container = createContainerSession(call.netns, programs)
      const left: CniError[] = []
      for (const step of steps.splice(0).reverse()) {
        // What a file would put back is needed as long as it is not put back.
        if (step.kind === 'file' && left.length > 0) continue
        const error = await undoStep(step)
        if (error !== undefined) left.push(error)
      }
      return left
    },
    close: async () => {
      await Promise.all([host.close(), container.close()])
    },
  }

  async function undoStep(step: Step): Promise<CniError | undefined> {
    switch (step.kind) {
      case 'command': {
        const session = step.undo.where === 'host' ? host : container
        const { failure } = await session.perform(
          [ip(step.undo.words, { tolerates: 'absent' })],
          true,
        )
        return failure && errorOf(failure, call)
      }
      case 'rules': {
        const answer: RulesAnswer = await changeRules(step.family, step.lines, programs)
        return answer.ok ? undefined : errorOf(answer.failure, call)
      }
      case 'file':
        return keepFile(step.file)
      case 'addresses': {
        if (E.isLeft(await step.answer)) return undefined
        const released = await ipam('DEL')
        return E.isLeft(released) ? released.left : undefined
      }
    }
  }
}

/** What was done and can be undone. */
type Step =
  | { readonly kind: 'command'; readonly undo: Undo }
  | { readonly kind: 'rules'; readonly family: 4 | 6; readonly lines: readonly string[] }
  | { readonly kind: 'file'; readonly file: KeptFile }
  | { readonly kind: 'addresses'; readonly answer: Promise<AddressOutcome> }

/** What goes on while the script does. */
interface Begun {
  ipam?: Promise<AddressOutcome>
  readonly reading: Promise<{ readonly family: 4 | 6; readonly answer: RulesAnswer }>[]
}

const keep = async (file: KeptFile, steps: Step[]): Promise<CniError | undefined> => {
  const error = await keepFile(file)
  if (error === undefined && file.text !== undefined) {
    steps.push({ kind: 'file', file: { path: file.path, text: undefined } })
  }
  return error
}

const oddWord = ({ host = [], container = [] }: Stage): CniError | undefined => {
  for (const command of [...host, ...container]) {
    const odd = wordsOf(command).find((word) => !isPlainWord(word))
    if (odd !== undefined) {
      const message = `${JSON.stringify(odd.slice(0, 80))} cannot be said to ip: a name with signs of a shell or a path`
      return cniError(cniErrorCodes.internal, message)
    }
  }
  return undefined
}

const wordsOf = (command: Command): readonly string[] =>
  'words' in command ? command.words : [command.path]
