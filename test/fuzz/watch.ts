/**
 * Decides whether a decoder behaved over an input: it returned, in time, what it promises; it touched nothing and left the
 * prototypes alone. Makes the input of a seed, and a smaller one that shows the same.
 */
import { randomFrom } from '../simulation/random.js'
import { type Grammar, makeInput } from './inputs.js'
import type { Seal } from './sealed.js'

/** A decoder and what is known about its inputs. */
export interface Decoder extends Grammar {
  readonly name: string
  /**
   * Decodes a text, and uses what came of it. What it throws is a finding. `seed` is for what else a case needs: an
   * environment, a version.
   */
  run(text: string, seed: number): unknown
  /** Inputs of about so many characters, each of one kind: they are made larger, and must not take out of proportion. */
  readonly growth: Readonly<Record<string, (length: number) => string>>
}

/** What is wrong, and with which input. */
export interface Finding {
  readonly decoder: string
  /** Undefined: a growing input. */
  readonly seed?: number
  readonly message: string
  /** The smallest input that was found to show it, at most 2000 characters of it. */
  readonly input: string
}

/** How long one case may take, in milliseconds of the processor: the machine may be busy with others. */
const patience = 5_000

/** The milliseconds that the processor has spent on this process. */
const spent = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** The input of a seed. */
export const inputOf = (decoder: Decoder, seed: number): string =>
  makeInput(randomFrom(hash(decoder.name) ^ seed), decoder)

const hash = (text: string): number => {
  let sum = 0
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0
  return sum
}

/** Runs the case of a seed. */
export const runCase = async (
  decoder: Decoder,
  seed: number,
  seal: Seal,
): Promise<Finding | undefined> => {
  const text = inputOf(decoder, seed)
  const message = await faultOf(decoder, text, seed, seal)
  if (message === undefined) return undefined
  const input = await shrink(decoder, text, seed, seal)
  return { decoder: decoder.name, seed, message, input: input.slice(0, 2000) }
}

const faultOf = async (
  decoder: Decoder,
  text: string,
  seed: number,
  seal: Seal,
): Promise<string | undefined> => {
  const before = prototypes()
  const began = spent()
  let thrown: string | undefined
  try {
    const outcome = decoder.run(text, seed)
    if (outcome instanceof Promise) await outcome
  } catch (error) {
    thrown = error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const milliseconds = spent() - began
  const touched = seal.taken()
  if (touched.length > 0) return `it called ${touched.join(', ')}`
  const after = prototypes()
  if (after !== before) return `a prototype was changed: ${before} own properties, then ${after}`
  if (thrown !== undefined) return thrown
  if (milliseconds > patience) return `it took ${Math.round(milliseconds)} ms`
  return undefined
}

/** How many properties the prototypes have that any object inherits from. */
const prototypes = (): number => {
  let count = 0
  for (const one of inherited) count += Reflect.ownKeys(one).length
  return count
}
const inherited = [Object, Array, String, Number, Boolean, Function, Map, Set, RegExp, Promise].map(
  (one) => one.prototype as object,
)

/** Removes pieces of an input as long as something stays wrong. */
const shrink = async (
  decoder: Decoder,
  text: string,
  seed: number,
  seal: Seal,
): Promise<string> => {
  let smallest = text
  const until = spent() + patience
  for (let size = text.length >> 1; size > 0; size >>= 1) {
    for (let from = 0; from + size <= smallest.length && spent() < until; ) {
      const shorter = smallest.slice(0, from) + smallest.slice(from + size)
      if ((await faultOf(decoder, shorter, seed, seal)) === undefined) from += size
      else smallest = shorter
    }
  }
  return smallest
}

/** The length of the largest growing input: little less than most decoders take. */
export const largestInput = 1_000_000
/** How much longer four times the input may take: a quadratic decoder takes sixteen times as long. */
const mostTimes = 9
/** Below this many milliseconds nothing is told from noise. */
const noise = 40
/** How long the largest input may take, in milliseconds. */
const mostMilliseconds = 5_000

/** Whether a decoder takes out of proportion to the length of one kind of input. */
export const runGrowth = async (
  decoder: Decoder,
  kind: string,
  seal: Seal,
  largest: number = largestInput,
): Promise<Finding | undefined> => {
  const make = decoder.growth[kind]
  if (make === undefined) return undefined
  const message = await growthFault(decoder, make, seal, largest)
  if (message === undefined) return undefined
  return { decoder: decoder.name, message: `${kind}: ${message}`, input: make(200) }
}

const growthFault = async (
  decoder: Decoder,
  make: (length: number) => string,
  seal: Seal,
  largest: number,
): Promise<string | undefined> => {
  const measure = async (length: number): Promise<Measured> => {
    const text = make(length)
    const began = spent()
    const fault = await faultOf(decoder, text, 0, seal)
    return fault ?? spent() - began
  }
  // From small to large, so that what is worse than quadratic is found before it hangs.
  let quarter = await measure(largest / 64)
  for (const length of [largest / 16, largest / 4, largest]) {
    let whole = await measure(length)
    for (let tries = 0; tries < 4 && isBad(quarter, whole); tries++) {
      quarter = longer(quarter, await measure(length / 4))
      whole = shorter(whole, await measure(length))
    }
    if (typeof quarter === 'string') return quarter
    if (typeof whole === 'string') return whole
    if (isBad(quarter, whole) || whole > mostMilliseconds) {
      const times = `${quarter.toFixed(1)} ms, then ${whole.toFixed(1)} ms`
      return `${times}, for ${length / 4} and ${length} characters`
    }
    quarter = whole
  }
  return undefined
}

type Measured = number | string

const isBad = (quarter: Measured, whole: Measured): boolean =>
  typeof quarter === 'number' &&
  typeof whole === 'number' &&
  whole > noise &&
  whole > mostTimes * Math.max(quarter, noise / 8)

const longer = (a: Measured, b: Measured): Measured =>
  typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : b
const shorter = (a: Measured, b: Measured): Measured =>
  typeof a === 'number' && typeof b === 'number' ? Math.min(a, b) : b
