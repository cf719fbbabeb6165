/** Decides the clauses about answers: what a success, a refusal and no answer carry (design: Runner, Answer). */
import { answerTo, demand, expectKind, expectNone, shown } from './answer.js'
import { clause } from './case.js'
import { callOf } from './invocation.js'

const noSuchType = 'metacni-contract-no-such-plugin'
const impossibleTypes = ['', '.', '..', '/bin/sh', '../sh', 'a/b', 'a\0b', 'x'.repeat(5000)]
const otherVerbs = ['DEL', 'CHECK', 'GC', 'STATUS', 'VERSION']

export const answerClauses = [
  clause(
    'success-is-stdout',
    'a success carries what the plugin printed, character by character',
    ['succeeds'],
    async (subject) => {
      const { type, stdout } = subject.plugins.succeeds
      const answer = expectKind(await answerTo(subject, callOf(subject, type)), 'success')
      demand(answer.stdout === stdout, `expected ${shown(stdout)}, got ${shown(answer.stdout)}`)
    },
  ),
  clause(
    'any-text-is-stdout',
    'a success carries text that is no JSON as it is: judging it is for the caller',
    ['printsGarbage'],
    async (subject) => {
      const { type, stdout } = subject.plugins.printsGarbage
      const answer = expectKind(await answerTo(subject, callOf(subject, type)), 'success')
      demand(answer.stdout === stdout, `expected ${shown(stdout)}, got ${shown(answer.stdout)}`)
    },
  ),
  clause(
    'every-verb',
    'every verb is carried out, without a namespace too',
    ['succeeds'],
    async (subject) => {
      const { type, stdout } = subject.plugins.succeeds
      for (const verb of otherVerbs) {
        const env = {
          CNI_NETNS: '',
          ...(verb !== 'DEL' && { CNI_CONTAINERID: '', CNI_IFNAME: '' }),
        }
        const answer = await answerTo(subject, callOf(subject, type, { verb, env }))
        const success = expectKind(answer, 'success')
        demand(success.stdout === stdout, `${verb}: got ${shown(success.stdout)}`)
      }
    },
  ),
  clause(
    'refusal-is-the-error',
    "a refusal carries the plugin's own code, message and details",
    ['refuses'],
    async (subject) => {
      const { type, error } = subject.plugins.refuses
      const answer = expectKind(await answerTo(subject, callOf(subject, type)), 'refused')
      for (const key of ['code', 'msg', 'details'] as const) {
        const isEqual = answer.error[key] === error[key]
        demand(isEqual, `${key}: expected ${shown(error[key])}, got ${shown(answer.error[key])}`)
      }
    },
  ),
  clause(
    'refusal-has-words',
    'a plugin that fails without a word is refused with a message all the same (X-12)',
    ['failsWithoutWords'],
    async (subject) => {
      const { type } = subject.plugins.failsWithoutWords
      expectKind(await answerTo(subject, callOf(subject, type)), 'refused')
    },
  ),
  clause(
    'refusal-from-garbage',
    'a plugin that fails and prints no JSON is refused with a message',
    ['failsWithGarbage'],
    async (subject) => {
      const { type } = subject.plugins.failsWithGarbage
      expectKind(await answerTo(subject, callOf(subject, type)), 'refused')
    },
  ),
  clause(
    'unknown-type',
    'a type that nobody knows has no answer, and nothing was started',
    [],
    async (subject) => {
      const before = await subject.startedCount?.()
      const answer = await answerTo(subject, callOf(subject, noSuchType))
      expectNone(answer, ['not-found'], false)
      demand((await subject.startedCount?.()) === before, 'something was started')
    },
  ),
  clause(
    'impossible-type',
    'a type that is no file name has no answer, and nothing was started (cni.md 2.6)',
    [],
    async (subject) => {
      for (const type of impossibleTypes) {
        const answer = await answerTo(subject, callOf(subject, type))
        expectNone(answer, ['not-found', 'not-startable'], false)
      }
    },
  ),
  clause(
    'too-much-output',
    'a plugin that prints without end is stopped and has no answer',
    ['floods'],
    async (subject) => {
      const answer = await answerTo(subject, callOf(subject, subject.plugins.floods.type))
      expectNone(answer, ['too-much-output'], true)
    },
  ),
]
