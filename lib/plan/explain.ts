/**
 * Decides how a plan's reasons read: every decision as a sentence under the attachment that it is about, then where
 * every key of each plugin's stdin comes from. Shows no values of configurations: they may be secrets.
 */
import { describe } from './describe.js'
import { explainStdin } from './explain-stdin.js'
import { networkName, subjectOf } from './subject.js'
import { wrap } from './text.js'
import type { Attachment, Decision, Plan } from './types.js'

/** The reasons of a plan, in lines of at most 100 columns, without a newline at the end. */
export const explain = (plan: Plan): string => {
  const { attachments, warnings } = plan
  const decisions = groupDecisions(plan.decisions)
  const lines: string[] = []
  const add = (more: readonly string[]): void => {
    for (const line of more) lines.push(line)
  }
  add(
    wrap(
      `A plan of ${count(attachments.length, 'attachment')}, in format version ${plan.version}.`,
      '',
    ),
  )
  add(sentences(decisions.take('select', 'pod'), ''))
  add(sentences(decisions.take('order', 'plan'), ''))
  for (const [index, attachment] of attachments.entries()) {
    lines.push('')
    add(explainAttachment(attachment, index, decisions))
  }
  lines.push('')
  add(sentences(decisions.take('merge', 'plan'), ''))
  add(sentences(decisions.take('version', 'plan'), ''))
  add(sentences(decisions.rest(), ''))
  if (warnings.length > 0) lines.push('', `${count(warnings.length, 'warning')}:`)
  for (const { code, path, message, hint } of warnings) {
    add(wrap(`${code} at ${path}: ${message}${hint === undefined ? '' : `; ${hint}`}`, '- '))
  }
  return lines.join('\n')
}

const explainAttachment = (
  attachment: Attachment,
  index: number,
  decisions: Grouped,
): readonly string[] => {
  const { network, ifname, primary, config } = attachment
  const subject = subjectOf(attachment)
  const own = decisions.about(subject)
  const title = `${networkName(network)} as ${ifname}${primary ? ', the primary attachment' : ''}`
  const lines = [
    ...wrap(`${title}: ${describe(config)}`, `${index + 1}. `),
    ...sentences(decisions.take('lookup', network.name), '   '),
    ...sentences(own, '   '),
  ]
  const givers = new Map<string, string>()
  for (const { rule, inputs, chose } of own) {
    // The pod's own request is decided after the runtime's offer and counts more.
    if (rule === 'capabilities' && typeof inputs.key === 'string') givers.set(inputs.key, chose)
  }
  for (const line of explainStdin(attachment, givers)) lines.push(line)
  return lines
}

interface Grouped {
  /** The decisions of a rule about a subject; they do not come up again in `rest`. */
  take(rule: string, subject: string): readonly Decision[]
  /** All decisions about a subject; likewise. */
  about(subject: string): readonly Decision[]
  /** Those that nobody asked for: rules that this version does not know. */
  rest(): readonly Decision[]
}

const groupDecisions = (decisions: readonly Decision[]): Grouped => {
  const bySubject = new Map<string, Decision[]>()
  for (const decision of decisions) {
    const group = bySubject.get(decision.subject)
    if (group === undefined) bySubject.set(decision.subject, [decision])
    else group.push(decision)
  }
  const taken = new Set<Decision>()
  const take = (group: readonly Decision[]): readonly Decision[] => {
    for (const decision of group) taken.add(decision)
    return group
  }
  return {
    take: (rule, subject) =>
      take((bySubject.get(subject) ?? []).filter((decision) => decision.rule === rule)),
    about: (subject) => take(bySubject.get(subject) ?? []),
    rest: () => decisions.filter((decision) => !taken.has(decision)),
  }
}

/** Decisions as wrapped sentences; the same network twice has the same reasons, said once. */
const sentences = (decisions: readonly Decision[], indent: string): readonly string[] => {
  const said = new Set(decisions.map(sentenceOf))
  return [...said].flatMap((sentence) => wrap(sentence, indent))
}

const sentenceOf = (decision: Decision): string => {
  const { inputs, why } = decision
  const strategy = inputs.strategy ?? (decision.rule === 'lookup' ? inputs.rule : undefined)
  const named = typeof strategy === 'string' ? ` (${strategy})` : ''
  return `${claimOf(decision)}: ${why}${named}.`
}

const claimOf = ({ rule, subject, inputs, chose }: Decision): string => {
  switch (rule) {
    case 'select':
      return `The networks are ${chose}`
    case 'order':
      return `The order is ${chose}`
    case 'lookup':
      return `It is defined by ${chose}${othersOf(inputs.candidates)}`
    case 'name':
      return `Its interface is ${chose}`
    case 'primary':
      return 'It is primary'
    case 'capabilities':
      return `It is offered ${inputs.key} of ${chose}`
    case 'merge':
      return `The results are merged by ${chose}`
    case 'version':
      return `The result is of version ${chose}`
    default:
      return `${rule} of ${subject}: ${chose}`
  }
}

const othersOf = (candidates: unknown): string =>
  typeof candidates === 'number' && candidates > 1 ? `, one of ${candidates} definitions` : ''

const count = (number: number, what: string): string =>
  `${number} ${what}${number === 1 ? '' : 's'}`
