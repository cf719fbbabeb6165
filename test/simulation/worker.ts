/** Decides nothing: runs the seeds that its parent asks for, and tells it what it found. Ends with its parent. */
import { runSchedule, traceOf } from './schedule.js'

type Wanted =
  | { readonly kind: 'block'; readonly from: number; readonly to: number }
  | { readonly kind: 'trace'; readonly seed: number }

const answer = async (wanted: Wanted): Promise<void> => {
  if (wanted.kind === 'trace') {
    const finding = await runSchedule(wanted.seed)
    process.send?.({
      kind: 'trace',
      finding,
      trace: finding?.trace ?? (await traceOf(wanted.seed)),
    })
    return
  }
  for (let seed = wanted.from; seed < wanted.to; seed++) {
    const finding = await runSchedule(seed)
    if (finding !== undefined) process.send?.({ kind: 'finding', finding })
  }
  process.send?.({ kind: 'done', count: wanted.to - wanted.from })
}

process.on('message', (wanted: Wanted) => void answer(wanted))
process.on('disconnect', () => process.exit(0))
