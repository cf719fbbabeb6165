/** Decides the clauses about what reaches a plugin: its environment, its stdin, and nothing that is no string. */
import type { Answer } from '../../lib/cni/invocation.js'
import { answerTo, BrokenContract, demand, expectKind, expectNone, shown } from './answer.js'
import { clause, type SubjectWith } from './case.js'
import { type Changes, callOf, freeze } from './invocation.js'

const awkward = 'space "quote" \'single\' $(id) `id` ; & | > < * ? \\ \n tab\t ünï 网络 😀 = %s'
const notStrings: readonly unknown[] = [7, true, null, {}, [], ['x'], Symbol('x'), () => 'x', 7n]
const longText = 'x'.repeat(1024 * 1024)

const jsonTexts = [
  '{"__proto__":{"polluted":true},"constructor":1,"a":[null,true,1.5,-0.25,{"":""}]}',
  '{"text":"\\u0000\\u001f\\u2028 ünï 😀 \\\\ \\"","large":12345678901234567000}',
]

export const inputClauses = [
  clause(
    'environment-arrives',
    'the six CNI_* variables arrive as they are, the empty ones too',
    ['reports'],
    async (subject) => {
      for (const text of [awkward, '', ' ']) {
        const env = { CNI_ARGS: text, CNI_NETNS: text, CNI_IFNAME: text, CNI_CONTAINERID: text }
        const call = callOf(subject, subject.plugins.reports.type, { env })
        const report = await reportOf(subject, { env })
        for (const [name, value] of Object.entries(call.env)) {
          const isEqual = report.env[name] === value
          demand(isEqual, `${name}: expected ${shown(value)}, got ${shown(report.env[name])}`)
        }
      }
    },
  ),
  clause('stdin-arrives', 'stdin arrives as the same JSON value', ['reports'], async (subject) => {
    for (const text of jsonTexts) {
      const { stdin } = await reportOf(subject, { stdin: JSON.parse(text) })
      demand(JSON.stringify(stdin) === text || isSameJson(stdin, text), `got ${shown(stdin)}`)
    }
    const { stdin } = await reportOf(subject, { stdin: { longText } })
    demand(isSameJson(stdin, JSON.stringify({ longText })), 'one megabyte did not arrive whole')
  }),
  clause(
    'ignored-stdin',
    'a plugin that does not read its stdin does no harm',
    ['ignoresStdin'],
    async (subject) => {
      const { type, stdout } = subject.plugins.ignoresStdin
      const call = callOf(subject, type, { stdin: { longText } })
      const answer = expectKind(await answerTo(subject, call), 'success')
      demand(answer.stdout === stdout, `expected ${shown(stdout)}, got ${shown(answer.stdout)}`)
    },
  ),
  clause(
    'only-strings-arrive',
    'a variable that is no string never arrives',
    ['reports'],
    async (subject) => {
      for (const value of [undefined, ...notStrings]) {
        const call = callOf(subject, subject.plugins.reports.type, { env: { CNI_ARGS: value } })
        const answer = await answerTo(subject, call)
        if (isNotStarted(answer)) continue
        const arrived = parsed(expectKind(answer, 'success').stdout).env.CNI_ARGS
        demand((arrived ?? '') === '', `${typeof value} arrived as ${shown(arrived)}`)
      }
    },
  ),
  clause(
    'type-is-a-string',
    'a type that is no string has no answer, and nothing was started',
    [],
    async (subject) => {
      for (const type of [undefined, ...notStrings]) {
        expectNone(await answerTo(subject, callOf(subject, '', { type })), [], false)
      }
    },
  ),
  clause(
    'path-is-strings',
    'a search path that holds other things than strings makes no runner throw',
    ['succeeds'],
    async (subject) => {
      const { type } = subject.plugins.succeeds
      for (const path of [undefined, null, 7, [...notStrings], [...notStrings, ...subject.path]]) {
        const answer = await answerTo(subject, callOf(subject, type, { path }))
        demand(isNotStarted(answer) || answer.kind === 'success', `got ${shown(answer)}`)
      }
    },
  ),
  clause(
    'nul-never-arrives',
    'a variable with a NUL starts nothing: no environment can hold it',
    ['reports'],
    async (subject) => {
      const call = callOf(subject, subject.plugins.reports.type, { env: { CNI_ARGS: 'A=1\0;B=2' } })
      expectNone(await answerTo(subject, call), [], false)
    },
  ),
  clause(
    'stdin-is-json',
    'a stdin that JSON cannot express starts nothing',
    ['reports'],
    async (subject) => {
      const cycle: Record<string, unknown> = {}
      cycle.self = cycle
      const throws = {
        toJSON: () => {
          throw new BrokenContract('toJSON threw')
        },
      }
      for (const stdin of [undefined, { a: 7n }, cycle, throws, () => 'x', Symbol('x')]) {
        const call = callOf(subject, subject.plugins.reports.type, { stdin })
        expectNone(await answerTo(subject, call), [], false)
      }
    },
  ),
  clause(
    'not-mutated',
    'the invocation is not changed, and may be frozen',
    ['reports'],
    async (subject) => {
      const call = callOf(subject, subject.plugins.reports.type, {
        stdin: { nested: { list: [1] } },
      })
      const before = JSON.stringify(call)
      const first = expectKind(await answerTo(subject, call), 'success')
      demand(JSON.stringify(call) === before, `the invocation became ${shown(call)}`)
      const second = expectKind(await answerTo(subject, freeze(call)), 'success')
      demand(second.stdout === first.stdout, 'a frozen invocation is answered differently')
    },
  ),
]

interface Report {
  readonly env: Readonly<Record<string, unknown>>
  readonly stdin: unknown
}

const reportOf = async (subject: SubjectWith<'reports'>, changes: Changes): Promise<Report> => {
  const call = callOf(subject, subject.plugins.reports.type, changes)
  return parsed(expectKind(await answerTo(subject, call), 'success').stdout)
}

const parsed = (stdout: string): Report => {
  try {
    return JSON.parse(stdout) as Report
  } catch {
    throw new BrokenContract(`the reporting plugin printed no JSON: ${stdout.slice(0, 200)}`)
  }
}

const isNotStarted = (answer: Answer): boolean => answer.kind === 'none' && !answer.reason.started

// A plugin in another language may print the keys in another order.
const isSameJson = (value: unknown, text: string): boolean =>
  JSON.stringify(sorted(value)) === JSON.stringify(sorted(JSON.parse(text)))

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, held]) => [key, sorted(held)] as const)
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}
