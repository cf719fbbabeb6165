/**
 * Decides how ADD, DEL, CHECK and STATUS find what they work on, and which commands are made of it. Refuses what names no
 * container before anything is opened.
 */
import type { Sandbox } from './cni/sandbox.js'
import { failed, joined, undoneIn } from './engine/outcome.js'
import { planFormFault } from './engine/plan-fault.js'
import { validIn } from './engine/record.js'
import { joinFault, referenceFault, sandboxFault, searchPathFault } from './engine/request-fault.js'
import type { Added, Deleted, Outcome, Surveyed } from './engine/state.js'
import type { Plan } from './plan/types.js'
import type { JournalEntry } from './ports/index.js'
import {
  namesIn,
  type OperationPorts,
  recordOf,
  run,
  runEach,
  type SandboxReference,
  withEntry,
} from './records.js'

/** Carries out a plan in a sandbox. */
export const add = (
  ports: OperationPorts,
  plan: Plan,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<Outcome<Added>> =>
  withEntry(ports, sandbox, sandboxFault(sandbox), 'create', signal, (entry) => {
    const { ifname } = sandbox
    const record = recordOf(entry, ifname)
    const taken = takenNames(entry, sandbox)
    const command = { verb: 'ADD', plan, sandbox, merges: ports.merges, record, taken } as const
    return run(ports, entry, command, signal)
  })

/** Undoes what the journal has of a container. Succeeds when there is nothing. */
export const remove = (
  ports: OperationPorts,
  reference: SandboxReference,
  signal: AbortSignal,
): Promise<Outcome<Deleted>> =>
  withEntry(ports, reference, referenceFault(reference), 'existing', signal, async (entry) => {
    // The latest first, as attachments within a record.
    const names = reference.ifname === undefined ? namesIn(entry).reverse() : [reference.ifname]
    const outcomes = await runEach<Deleted>(ports, entry, 'DEL', reference, names, signal)
    return joined(outcomes, () => ({ undone: outcomes.flatMap(undoneIn) }))
  })

/** Checks what the journal has of a container. */
export const check = (
  ports: OperationPorts,
  reference: SandboxReference,
  signal: AbortSignal,
): Promise<Outcome<Surveyed>> =>
  withEntry(ports, reference, referenceFault(reference), 'existing', signal, async (entry) => {
    const names = reference.ifname === undefined ? namesIn(entry) : [reference.ifname]
    // Nothing to check is a failure, which the engine words.
    if (names.length === 0) names.push('')
    const outcomes = await runEach<Surveyed>(ports, entry, 'CHECK', reference, names, signal)
    return joined(outcomes, (values) => ({
      checked: values.flatMap(({ checked }) => checked),
      skipped: values.flatMap(({ skipped }) => skipped),
    }))
  })

/** Asks the plugins of a plan whether they can serve an ADD. */
export const status = async (
  ports: OperationPorts,
  plan: Plan,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Outcome<Surveyed>> => {
  const error = searchPathFault(path) ?? joinFault(path) ?? planFormFault(plan)
  if (error !== undefined) return failed({ kind: 'bad-request', error })
  return run(ports, undefined, { verb: 'STATUS', attachments: plan.attachments, path }, signal)
}

/** The interface names of a container's other attachments. */
const takenNames = (entry: JournalEntry, { containerId, ifname }: Sandbox): readonly string[] =>
  [...entry.records]
    .filter(([owner]) => owner !== ifname)
    .flatMap(([owner, record]) => validIn(record, { containerId, ifname: owner }))
    .map((one) => one.ifname)
