/** Decides what a clause of the contract is: a sentence, the plugins it needs, and a check. Types only. */
import type { PluginKind, Subject, SubjectPlugins } from './subject.js'

/** A subject that certainly offers some kinds of plugin. */
export interface SubjectWith<K extends PluginKind> extends Subject {
  readonly plugins: SubjectPlugins & { readonly [kind in K]-?: NonNullable<SubjectPlugins[kind]> }
}

/** One clause: a promise that every runner keeps. */
export interface Clause<N extends string = string> {
  /** A stable kebab-case name, for `notApplicable`. */
  readonly name: N
  /** The promise as a sentence. */
  readonly title: string
  readonly needs: readonly PluginKind[]
  /** Rejects when the promise is broken. */
  check(subject: Subject): Promise<void>
}

/** A clause whose check sees the plugins that it needs. */
export const clause = <N extends string, K extends PluginKind>(
  name: N,
  title: string,
  needs: readonly K[],
  check: (subject: SubjectWith<K>) => Promise<void>,
): Clause<N> => ({ name, title, needs, check: (subject) => check(subject as SubjectWith<K>) })
