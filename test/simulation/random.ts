/** Decides what is chance in a simulation: equal seeds, equal choices, on every machine. */

/** A source of choices. */
export interface Random {
  /** An integer from 0 on, below `limit`. */
  below(limit: number): number
  pick<A>(choices: readonly A[]): A
  /** True once in so many times. */
  oneIn(times: number): boolean
}

/** The choices of a seed: mulberry32, small and of known quality. */
export const randomFrom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    pick: <A>(choices: readonly A[]) => choices[below(choices.length)] as A,
    oneIn: (times) => below(times) === 0,
  }
}
