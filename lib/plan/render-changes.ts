/** Decides how the differences between two plans read: a line each, `+`, `-` or `~` before it. */
import { printable } from '../cni/printable.js'
import { quote } from '../cni/problem.js'
import type { PlanChange } from './diff.js'

/** The differences as text, without a newline at the end; `no difference` when there is none. */
export const renderChanges = (changes: readonly PlanChange[]): string =>
  changes.length === 0
    ? 'no difference'
    : changes.map((change) => printable(lineOf(change))).join('\n')

const lineOf = (change: PlanChange): string => {
  switch (change.kind) {
    case 'added':
      return `+ ${change.attachment} is added at position ${change.index + 1}`
    case 'removed':
      return `- ${change.attachment} is removed from position ${change.index + 1}`
    case 'renamed':
      return `~ ${change.attachment}: interface ${change.before} becomes ${change.after}`
    case 'moved':
      return `~ ${change.attachment} ${change.follows === undefined ? 'comes first' : `follows ${change.follows}`}`
    case 'changed':
      return `~ ${change.attachment}: ${change.path} ${turnOf(change.before, change.after)}`
    case 'merge':
      return `~ merge rule ${change.before} becomes ${change.after}`
    case 'result-version':
      return `~ result version ${change.before} becomes ${change.after}`
  }
}

const turnOf = (before: unknown, after: unknown): string => {
  if (before === undefined) return `is added: ${quote(after)}`
  if (after === undefined) return `is removed: ${quote(before)}`
  return `changes from ${quote(before)} to ${quote(after)}`
}
