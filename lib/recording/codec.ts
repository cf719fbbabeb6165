/**
 * Decides what a line of a recording can be: the beginning of an operation, something asked, an answer, the outcome.
 * Refuses what an engine could not be given again.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { reportFailures } from '../cni/codec.js'
import { isObject, type JsonObject } from '../cni/json.js'
import { isPluginConfiguration } from '../cni/plugin-configuration.js'
import { decodeStoredPlan } from '../engine/record.js'
import type { Answers, Asked, RecordedCommand } from './types.js'

const texts = t.readonlyArray(t.string)
const optionalText = t.union([t.string, t.undefined])

const guarded = <A>(name: string, is: (value: unknown) => value is A): t.Type<A, A, unknown> =>
  new t.Type(
    name,
    is,
    (u, c) => (is(u) ? t.success(u) : t.failure(u, c, `expected ${name}`)),
    t.identity,
  )

const object = guarded('an object', isObject)

const plan = guarded('a plan', (value): value is JsonObject => E.isRight(decodeStoredPlan(value)))

const network = t.type(
  {
    name: t.string,
    origin: guarded('an origin', isObject),
    config: t.type({
      name: t.string,
      cniVersion: optionalText,
      plugins: t.array(guarded('a plugin configuration', isPluginConfiguration)),
    }),
  },
  'a network',
)

const sandbox = { containerId: t.string, netns: t.string, ifname: t.string, args: t.string }

const reference = t.type(
  {
    containerId: t.string,
    ifname: optionalText,
    netns: optionalText,
    args: optionalText,
    path: t.union([texts, t.undefined]),
  },
  'a sandbox',
)

const commands = {
  ADD: t.type({ plan, sandbox: t.type({ ...sandbox, path: texts }, 'a sandbox') }),
  CHECK: t.type({ sandbox: reference }),
  DEL: t.type({ sandbox: reference }),
  GC: t.type({
    valid: t.array(t.type({ containerID: t.string, ifname: t.string })),
    networks: t.array(network),
    path: texts,
  }),
  STATUS: t.type({ plan, path: texts }),
}

const verb = t.keyof({ ADD: 0, DEL: 0, CHECK: 0, GC: 0, STATUS: 0, VERSION: 0 }, 'a verb')

const environment = t.type(
  {
    ...{ CNI_COMMAND: verb, CNI_CONTAINERID: t.string, CNI_NETNS: t.string },
    ...{ CNI_IFNAME: t.string, CNI_ARGS: t.string, CNI_PATH: t.string },
  },
  'the CNI_* variables',
)

const owned = t.type({ containerId: t.string, ifname: t.string })

const questions = {
  run: t.type({ type: t.string, verb, stdin: object, env: environment, path: texts }),
  list: t.type({}),
  open: t.type({ containerId: t.string, mode: t.keyof({ create: 0, existing: 0 }) }),
  save: t.intersection([owned, t.type({ record: t.unknown })]),
  remove: owned,
  quarantine: owned,
  close: t.type({ containerId: t.string }),
}

const refusal = t.type({ code: t.number, msg: t.string, details: optionalText }, 'a CNI error')
const reason = t.type({ kind: t.string, message: t.string, started: t.boolean }, 'a reason')

const answer = t.union(
  [
    t.type({ kind: t.literal('success'), stdout: t.string, stderr: optionalText }),
    t.type({ kind: t.literal('refused'), error: refusal, stderr: optionalText }),
    t.type({ kind: t.literal('none'), reason }),
  ],
  'an answer of a plugin, or why there is none',
)

const stored = (value: t.Mixed) =>
  t.union(
    [t.type({ ok: t.literal(true), value }), t.type({ ok: t.literal(false), message: t.string })],
    'an answer of a journal',
  )

const opened = t.type({
  records: t.array(t.type({ ifname: t.string, record: t.unknown })),
  corrupt: t.array(t.type({ ifname: t.string, message: t.string })),
})

const written = stored(t.undefined)

const answers: { readonly [K in Asked['kind']]: t.Mixed } = {
  ...{ run: answer, list: stored(texts), open: stored(opened) },
  ...{ save: written, remove: written, quarantine: written, close: written },
}

/** A decoded part, or what is wrong with it and where in the line. */
export type Decoded<A> = E.Either<{ readonly path: string; readonly message: string }, A>

/** The command that an operation begins with. */
export const decodeCommand = (value: unknown, source: string): Decoded<RecordedCommand> => {
  const kind = isObject(value) ? value.verb : undefined
  const codec = kindOf(commands, kind)
  return codec === undefined
    ? E.left({ path: `${source}#/command/verb`, message: 'expected ADD, DEL, CHECK, GC or STATUS' })
    : decode<RecordedCommand>(codec, value, source, 'command')
}

/** What was asked in a step. */
export const decodeAsked = (value: unknown, source: string): Decoded<Asked> => {
  const kind = isObject(value) ? value.kind : undefined
  const codec = kindOf(questions, kind)
  return codec === undefined
    ? E.left({ path: `${source}#/asked/kind`, message: 'nothing that this version knows' })
    : decode<Asked>(codec, value, source, 'asked')
}

/** The answer to a step of this kind. */
export const decodeAnswer = <K extends Asked['kind']>(
  kind: K,
  value: unknown,
  source: string,
): Decoded<Answers[K]> => decode<Answers[K]>(answers[kind], value, source, 'answer')

const kindOf = (codecs: Readonly<Record<string, t.Mixed>>, kind: unknown): t.Mixed | undefined =>
  typeof kind === 'string' && Object.hasOwn(codecs, kind) ? codecs[kind] : undefined

const decode = <A>(codec: t.Mixed, value: unknown, source: string, key: string): Decoded<A> => {
  const decoded = codec.decode(value)
  if (E.isRight(decoded)) return E.right(decoded.right as A)
  const [problem] = reportFailures(decoded, 'bad-recording', source, [key])
  return E.left(problem ?? { path: `${source}#/${key}`, message: 'it cannot be read' })
}
