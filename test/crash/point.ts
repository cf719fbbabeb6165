/**
 * Decides how a point is named at which something is made to fail: `multus/add/kill/pool/fsync/7/wait`. Refuses names
 * that say anything else, so that a replay never does another thing than it was asked for.
 */
import { type ProgramName, programs, type Verb } from './programs.js'

/**
 * What happens at the point: the program dies, or the call fails with this error. `kill` comes on entry: the call is not
 * carried out, so that the point of the next call stands for "after this one".
 */
export type Fault = 'kill' | 'ENOSPC' | 'EIO' | 'EAGAIN'

/** What becomes of plugins that outlive the program: DEL waits for their end, they are killed too, or it begins at once, and plugins are slow. */
export type Orphans = 'wait' | 'kill' | 'now'

/** Where: the nth call of this name on a thread of the program, or in a plugin. */
export interface Place {
  readonly verb: Verb
  readonly fault: Fault
  /** `main`, `pool`, or the type of a plugin. */
  readonly where: string
  readonly call: string
  /** From 1. */
  readonly nth: number
}

/** A point. With two places the program fails in its ADD, and again in the DEL that follows. */
export interface Point {
  readonly program: ProgramName
  readonly places: readonly [Place] | readonly [Place, Place]
  readonly orphans: Orphans
}

const wordsOfPlace = ({ verb, fault, where, call, nth }: Place): string =>
  [verb, fault, where, call, nth].join('/')

/** The name of a point. */
export const nameOf = ({ program, places, orphans }: Point): string =>
  `${program}/${places.map(wordsOfPlace).join('+')}/${orphans}`

const place = /^(add|del)\/(kill|ENOSPC|EIO|EAGAIN)\/([a-z-]+)\/(\w+)\/([1-9]\d{0,4})$/
const name = /^(\w+)\/(.+)\/(wait|kill|now)$/

/** The point of a name; undefined when it is none. */
export const pointOf = (text: string): Point | undefined => {
  const [, program = '', middle = '', orphans] = name.exec(text) ?? []
  if (!Object.hasOwn(programs, program)) return undefined
  const places = middle.split('+').map((words): Place | undefined => {
    const [, verb, fault, where = '', call = '', nth] = place.exec(words) ?? []
    if (verb === undefined) return undefined
    return { verb: verb as Verb, fault: fault as Fault, where, call, nth: Number(nth) }
  })
  const [first, second] = places
  if (first === undefined || places.length > 2 || places.includes(undefined)) return undefined
  const common = { program: program as ProgramName, orphans: orphans as Orphans }
  if (second === undefined) return { ...common, places: [first] }
  return first.verb === 'add' && second.verb === 'del'
    ? { ...common, places: [first, second] }
    : undefined
}
