/**
 * Decides whether an engine that fails leaves nothing behind, whatever command fails. How to plug an engine in: give
 * `make parity` (run.ts) a FailingEngine in engine-table.ts. For each row whose first ADD succeeds, its first command is
 * made to fail, then its second, and so on until ADD succeeds; each time the node must be as it was before (but for a
 * bridge and sysctls), the error must name the command, the kernel's words and the interface, and DEL must succeed.
 * `failAt(n)` gives a runner of its own whose n-th command (1 is the first; the lines of a batch count one by one, and
 * so do iptables and sysctl commands and the calls of an IPAM runner) is not run and fails with the words `words`.
 * Commands that undo or clean up must not count, or must be told apart with `begun`.
 */
import type { Answer } from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import { leftovers } from './leftovers.js'
import { normalReading } from './normal-form.js'
import type { RawReading } from './reading.js'
import type { Row, Step } from './row.js'

/** What the kernel is made to say. */
export const words = 'injected: No buffer space available'

/** A runner whose n-th command fails. */
export interface FailingRunner extends Runner {
  /** The command that failed, as text, or undefined when the call needed fewer. */
  failed(): string | undefined
}

/** An engine whose commands can be made to fail. */
export interface FailingEngine {
  failAt(n: number): FailingRunner
  /** The same engine, whole. */
  readonly whole: Runner
}

/** One failure that was not clean, in words. */
export interface CleanFailure {
  readonly n: number
  readonly command: string
  readonly faults: readonly string[]
}

/** What was found, and how many commands were made to fail. */
export interface CleanFailures {
  readonly commands: number
  readonly found: readonly CleanFailure[]
}

/** More commands than any ADD needs. */
const most = 200

type Call = (runner: Runner, step: Step) => Promise<Answer>

const faultsOf = (answer: Answer, command: string, ifname: string): readonly string[] => {
  if (answer.kind === 'success') return ['ADD succeeds although a command failed']
  if (answer.kind === 'none') return [`no answer: ${answer.reason.message}`]
  const text = `${answer.error.msg} ${answer.error.details ?? ''}`
  // A command is named by its program and what it was about to do; its numbers may be other.
  const verb = command.split(/\s+/).slice(0, 2).join(' ')
  return [
    ...(text.includes(words) ? [] : [`the error lacks the kernel's words: ${text}`]),
    ...(text.includes(verb) ? [] : [`the error does not name the command ${verb}: ${text}`]),
    ...(text.includes(ifname) ? [] : [`the error does not name ${ifname}: ${text}`]),
  ]
}

/** What was not clean, for each command that can fail during the row's first ADD. */
export const checkCleanFailures = async (
  row: Row,
  engine: FailingEngine,
  call: Call,
  read: () => Promise<RawReading>,
  shell: (script: string) => void,
): Promise<CleanFailures> => {
  const step = row.steps.find(({ verb }) => verb === 'ADD')
  if (step === undefined || step.fails !== undefined) return { commands: 0, found: [] }
  if (step.before !== undefined) shell(step.before)
  const before = await read()
  const left = async (): Promise<readonly string[]> => {
    const now = await read()
    return leftovers(normalReading(before, before, row), normalReading(now, before, row))
  }
  const found: CleanFailure[] = []
  for (let n = 1; n <= most; n++) {
    const runner = engine.failAt(n)
    const answer = await call(runner, step)
    const command = runner.failed()
    if (command === undefined) {
      const faults = answer.kind === 'success' ? [] : [`fails by itself: ${JSON.stringify(answer)}`]
      const gone = await call(engine.whole, { ...step, verb: 'DEL' })
      if (gone.kind !== 'success') faults.push(`DEL fails: ${JSON.stringify(gone)}`)
      faults.push(...(await left()))
      if (faults.length > 0) found.push({ n, command: 'none', faults })
      return { commands: n - 1, found }
    }
    // Of a list, the plugins before the one that failed are the runtime's to delete.
    const own = row.plugins.length === 1 ? await left() : []
    const faults = [...faultsOf(answer, command, step.ifname ?? 'eth0'), ...own]
    const gone = await call(engine.whole, { ...step, verb: 'DEL' })
    if (gone.kind !== 'success') faults.push(`DEL fails: ${JSON.stringify(gone)}`)
    faults.push(...(await left()).map((one) => `after DEL: ${one}`))
    if (faults.length > 0) found.push({ n, command, faults })
  }
  found.push({ n: most, command: 'none', faults: [`ADD has more than ${most} commands`] })
  return { commands: most, found }
}
