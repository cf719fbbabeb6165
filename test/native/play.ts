/**
 * Decides how a test plays a native script: against a kernel of the test's making, which answers every reading. What was
 * done comes back as texts, by place.
 */
import { type Either, isLeft } from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import type { CniError } from '../../lib/cni/error.js'
import type { JsonObject } from '../../lib/cni/json.js'
import type { Result } from '../../lib/cni/result.js'
import { type Command, commandText, type Seen, type Stage } from '../../lib/native/command.js'
import { hostNameOf } from '../../lib/native/names.js'
import type { NativeCall, Script } from '../../lib/native/script.js'

export const netns = '/run/netns/c1'
export const mac = '0a:00:00:00:00:01'

/** A call of `c1`, interface eth0, network `net`. */
export const callOf = (config: JsonObject, more: Partial<NativeCall> = {}): NativeCall => ({
  config: { cniVersion: '1.0.0', name: 'net', ...config },
  network: 'net',
  cniVersion: '1.0.0',
  containerId: 'c1',
  netns,
  ifname: 'eth0',
  args: '',
  later: false,
  hasNamespace: true,
  hostHas: () => false,
  kept: () => undefined,
  ...more,
})

/** The host end of that call's pair. */
export const veth = hostNameOf({ containerId: 'c1', ifname: 'eth0' })

/** A link as `ip -json -details` prints it. */
export const link = (ifname: string, more: JsonObject = {}, kind = 'veth'): JsonObject => ({
  ifname,
  address: mac,
  mtu: 1500,
  operstate: 'UP',
  flags: ['UP'],
  linkinfo: { info_kind: kind },
  addr_info: [],
  ...more,
})

/** An address in a reading. */
export const address = (text: string, more: JsonObject = {}): JsonObject => {
  const [local, prefix] = text.split('/')
  return { local, prefixlen: Number(prefix), scope: 'global', ...more }
}

/** What a kernel has, and what comes of what is begun. */
export interface Kernel {
  readonly host?: readonly JsonObject[]
  /** By how often it was looked at, from 0. */
  readonly container?: readonly JsonObject[] | ((look: number) => readonly JsonObject[])
  readonly hostRoutes?: readonly JsonObject[]
  readonly routes?: readonly JsonObject[]
  readonly ipam?: Partial<Result>
  readonly rules?: Readonly<Partial<Record<4 | 6, readonly string[]>>>
  readonly sysctls?: Readonly<Record<string, string>>
  /** The command of the host that fails, in a stage that goes on. */
  readonly failure?: CniError
}

/** What a script did. Readings are left out. */
export interface Played<A> {
  readonly host: readonly string[]
  readonly container: readonly string[]
  readonly rules: readonly string[]
  readonly undone: readonly string[]
  readonly ipam: readonly string[]
  readonly read: readonly (4 | 6)[]
  readonly kept: readonly { readonly path: string; readonly text: string | undefined }[]
  readonly pauses: readonly number[]
  readonly stages: readonly Stage[]
  readonly outcome: Either<CniError, A>
}

const acting = (commands: readonly Command[] = []): readonly string[] =>
  commands.filter(({ kind }) => kind === 'ip' || kind === 'sysctl').map(commandText)

/** Plays a script to its end. */
export const play = <A>(script: Script<A>, kernel: Kernel = {}): Played<A> => {
  const stages: Stage[] = []
  const known = new Map<4 | 6, readonly string[]>()
  let look = 0
  let given: Result | undefined
  const answer = (stage: Stage): Seen => {
    for (const family of stage.readsRules ?? []) known.set(family, kernel.rules?.[family] ?? [])
    if (stage.ipam === 'ADD') given = { cniVersion: '1.1.0', ...kernel.ipam }
    const inside =
      typeof kernel.container === 'function' ? kernel.container(look) : kernel.container
    const shows = (stage.container ?? []).some(({ kind }) => kind === 'show')
    if (shows) look++
    return {
      host: readings(stage.host, kernel.host ?? [link(veth)], kernel.hostRoutes, kernel),
      container: readings(stage.container, inside ?? [link('eth0')], kernel.routes, kernel),
      rules: known,
      ...(given !== undefined && { ipam: given }),
      ...(stage.goesOn && kernel.failure !== undefined && { failure: kernel.failure }),
    }
  }
  let turn = script.next()
  while (turn.done !== true) {
    stages.push(turn.value)
    assert.ok(stages.length < 1000, 'the script does not end')
    turn = script.next(answer(turn.value))
  }
  return {
    host: stages.flatMap(({ host }) => acting(host)),
    container: stages.flatMap(({ container }) => acting(container)),
    rules: stages.flatMap(({ filter = [] }) => filter.flatMap(({ lines }) => lines)),
    undone: stages.flatMap(({ filter = [] }) => filter.flatMap(({ undo = [] }) => undo)),
    ipam: stages.flatMap(({ ipam }) => ipam ?? []),
    read: stages.flatMap(({ readsRules = [] }) => readsRules),
    kept: stages.flatMap(({ keep }) => keep ?? []),
    pauses: stages.flatMap(({ pause }) => pause ?? []),
    stages,
    outcome: turn.value,
  }
}

const readings = (
  commands: readonly Command[] = [],
  links: readonly JsonObject[],
  routes: readonly JsonObject[] = [],
  { sysctls = {} }: Kernel,
): readonly unknown[] =>
  commands.flatMap((command): readonly unknown[] => {
    if (command.kind === 'read') return [sysctls[command.path] ?? '']
    if (command.kind !== 'show') return []
    const { words } = command
    if (words[0] === 'route') return [routes]
    const [key, value] = words.slice(2)
    if (key === undefined) return [links]
    return [links.filter((one) => one[key === 'dev' ? 'ifname' : 'master'] === value)]
  })

/** What a script came to. */
export const rightOf = <A>({ outcome }: Pick<Played<A>, 'outcome'>): A => {
  if (isLeft(outcome)) throw new Error(`refused: ${outcome.left.msg}`)
  return outcome.right
}

/** Why a script ended. */
export const refusalOf = ({ outcome }: Pick<Played<unknown>, 'outcome'>): string => {
  if (!isLeft(outcome)) throw new Error('it was not refused')
  return `${outcome.left.code} ${outcome.left.msg}`
}

/** The table nat as iptables-save prints it, once these lines of iptables-restore were carried out. */
export const savedOf = (lines: readonly string[] = []): readonly string[] =>
  lines.map((line) => line.replace(/^-N (.*)$/, ':$1 - [0:0]'))
