/** Decides how two pieces of work are compared on a noisy machine: in turn, many times, by the median of the ratios. */

/** Microseconds a run, and how many times as long the work took as its yardstick. */
export interface Comparison {
  readonly work: number
  readonly yardstick: number
  readonly ratio: number
}

/** How often each of the two is timed. */
export const rounds = 101
// Short, so that both halves of a round see the same neighbours on the machine.
const roundMilliseconds = 4
// 200 ms: until nothing is left to compile.
const warmUpRounds = 50

/** Compares `work` to `yardstick`, after both have been run until they are compiled. */
export const compare = (work: () => unknown, yardstick: () => unknown): Comparison => {
  const [workRuns, yardstickRuns] = [calibrate(work), calibrate(yardstick)]
  const samples: Comparison[] = []
  for (let round = 0; round < rounds; round++) {
    const [a, b] = [time(work, workRuns), time(yardstick, yardstickRuns)]
    samples.push({ work: a, yardstick: b, ratio: a / b })
  }
  const median = (key: keyof Comparison): number =>
    samples.map((sample) => sample[key]).sort((a, b) => a - b)[rounds >> 1] as number
  return { work: median('work'), yardstick: median('yardstick'), ratio: median('ratio') }
}

/** How many runs fill a round. */
const calibrate = (work: () => unknown): number => {
  const end = performance.now() + warmUpRounds * roundMilliseconds
  let runs = 0
  while (performance.now() < end) {
    work()
    runs++
  }
  return Math.max(1, Math.round(runs / warmUpRounds))
}

let sink: unknown

const time = (work: () => unknown, runs: number): number => {
  const begin = process.hrtime.bigint()
  for (let run = 0; run < runs; run++) sink = work()
  return Number(process.hrtime.bigint() - begin) / 1000 / runs
}

/** Keeps the compiler from leaving out work whose value nobody reads. */
export const lastValue = (): unknown => sink
