/**
 * Decides how two pieces of work are compared on a noisy machine: in turn, many times, by the median of the ratios.
 * Refuses slices of time in which the machine took the processor away, as long as others are left.
 */

/** Microseconds a run, and how many times as long the work took as its yardstick. */
export interface Comparison {
  readonly work: number
  readonly yardstick: number
  readonly ratio: number
}

/** How many rounds there are, where the machine lets them be. */
export const wantedRounds = 21
// Together long enough that collecting the garbage falls into every round ...
const slicesPerRound = 10
// ... and each short enough to be over before it is somebody else's turn.
const sliceMilliseconds = 1
const warmUpMilliseconds = 500
const maximumMilliseconds = 8000
// When that time is over, the least disturbed slices count: so many at least.
const enoughSlices = 5 * slicesPerRound

/** Compares `work` to `yardstick`, after both have been run until they are compiled. */
export const compare = (work: () => unknown, yardstick: () => unknown): Comparison => {
  const rounds = takeRounds(takeSlices(work, yardstick))
  const median = (key: keyof Comparison): number =>
    rounds.map((round) => round[key]).sort((a, b) => a - b)[rounds.length >> 1] as number
  return { work: median('work'), yardstick: median('yardstick'), ratio: median('ratio') }
}

interface Slice {
  readonly work: number
  readonly yardstick: number
  readonly disturbed: number
}

const takeSlices = (work: () => unknown, yardstick: () => unknown): readonly Slice[] => {
  const [workRuns, yardstickRuns] = [calibrate(work), calibrate(yardstick)]
  const slices: Slice[] = []
  const end = performance.now() + maximumMilliseconds
  let undisturbed = 0
  while (undisturbed < wantedRounds * slicesPerRound && performance.now() < end) {
    const before = interruptions()
    const slice = { work: time(work, workRuns), yardstick: time(yardstick, yardstickRuns) }
    const disturbed = interruptions() - before
    if (disturbed === 0) undisturbed++
    slices.push({ ...slice, disturbed })
  }
  slices.sort((a, b) => a.disturbed - b.disturbed)
  return slices.slice(0, Math.max(undisturbed, enoughSlices))
}

const takeRounds = (slices: readonly Slice[]): readonly Comparison[] => {
  const rounds: Comparison[] = []
  for (let begin = 0; begin < slices.length; begin += slicesPerRound) {
    const taken = slices.slice(begin, begin + slicesPerRound)
    const mean = (key: 'work' | 'yardstick'): number =>
      taken.reduce((sum, slice) => sum + slice[key], 0) / taken.length
    const [a, b] = [mean('work'), mean('yardstick')]
    rounds.push({ work: a, yardstick: b, ratio: a / b })
  }
  return rounds
}

/** How often the machine has taken the processor away from this process. */
const interruptions = (): number => process.resourceUsage().involuntaryContextSwitches

/** Runs it until it is compiled: how many runs fill a slice. */
const calibrate = (work: () => unknown): number => {
  const end = performance.now() + warmUpMilliseconds
  let runs = 0
  while (performance.now() < end) {
    work()
    runs++
  }
  return Math.max(1, Math.round((runs * sliceMilliseconds) / warmUpMilliseconds))
}

let sink: unknown

const time = (work: () => unknown, runs: number): number => {
  const begin = process.hrtime.bigint()
  for (let run = 0; run < runs; run++) sink = work()
  return Number(process.hrtime.bigint() - begin) / 1000 / runs
}

/** Keeps the compiler from leaving out work whose value nobody reads. */
export const lastValue = (): unknown => sink
