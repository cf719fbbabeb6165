/**
 * Decides which promises every Runner keeps, as a list of cases without a test framework: run each, a broken promise
 * rejects. Refuses to pass what was not checked: a case that cannot apply says so in its title, with the reason.
 */
import { BrokenContract, shown } from './answer.js'
import { answerClauses } from './answer-clauses.js'
import type { Clause } from './case.js'
import { inputClauses } from './input-clauses.js'
import { signalClauses } from './signal-clauses.js'
import type { PluginKind, Subject } from './subject.js'

export { BrokenContract } from './answer.js'
export type {
  ContractPlugin,
  HangingPlugin,
  PluginKind,
  PrintingPlugin,
  RefusingPlugin,
  Subject,
  SubjectPlugins,
} from './subject.js'

const clauses = [...answerClauses, ...inputClauses, ...signalClauses]

/** The stable name of a clause. */
export type ClauseName = (typeof clauses)[number]['name']

/** The stable names of all clauses. */
export const clauseNames: readonly ClauseName[] = clauses.map(({ name }) => name)

/** What of the contract cannot apply to a runner. */
export interface ContractOptions {
  /**
   * Reasons, by the name of a clause or by the kind of a plugin that cannot exist for this runner; the latter stands for
   * every clause that needs one. A clause whose plugin is missing without a reason is broken.
   */
  readonly notApplicable?: Readonly<Partial<Record<ClauseName | PluginKind, string>>>
}

/** One promise of the contract. */
export interface ContractCase {
  /** The clause's stable name. */
  readonly clause: ClauseName
  /** A sentence; for a case that does not apply it ends with the reason. */
  readonly title: string
  /** Why the case is not checked, for frameworks that list skipped tests. Its `run` resolves. */
  readonly notApplicable?: string
  /** Makes a subject, checks the promise and disposes of the subject. Rejects with BrokenContract. */
  run(): Promise<void>
}

/** The contract as cases. `make` gives a fresh subject for each of them. */
export const runnerContract = (
  make: () => Promise<Subject>,
  options: ContractOptions = {},
): readonly ContractCase[] => {
  const reasons = options.notApplicable ?? {}
  return clauses.map((clause) => caseOf(clause, make, reasons))
}

const caseOf = (
  clause: Clause<ClauseName>,
  make: () => Promise<Subject>,
  reasons: NonNullable<ContractOptions['notApplicable']>,
): ContractCase => {
  const reason = [clause.name, ...clause.needs].map((key) => reasons[key]).find(Boolean)
  const run = () => check(clause, make)
  if (reason === undefined) return { clause: clause.name, title: clause.title, run }
  const title = `${clause.title} (not applicable: ${reason})`
  return { clause: clause.name, title, notApplicable: reason, run: async () => {} }
}

const check = async (clause: Clause, make: () => Promise<Subject>): Promise<void> => {
  const subject = await make()
  try {
    const missing = clause.needs.filter((kind: PluginKind) => subject.plugins[kind] === undefined)
    if (missing.length > 0) {
      throw new BrokenContract(
        `the subject offers no plugin ${missing.join(', ')}: offer one, or give the reason in notApplicable`,
      )
    }
    await clause.check(subject)
  } catch (error) {
    throw new BrokenContract(
      `${clause.name}: ${error instanceof BrokenContract ? error.message : shown(error)}`,
    )
  } finally {
    await subject.dispose?.()
  }
}
