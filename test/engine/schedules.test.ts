import * as assert from 'uvu/assert'
import { createEngine } from '../../lib/create-engine.js'
import { type Finding, runSchedule, traceOf } from '../simulation/schedule.js'
import { describe } from '../suite.js'

const schedules = 10_000

const render = ({ seed, message, trace }: Finding): string =>
  [`seed ${seed}: ${message}`, ...trace, `replay: make simulate SEED=${seed}`].join('\n  ')

describe('the engine on the memory node', (it) => {
  it(`leaves nothing, forgets nothing and makes nobody wait in ${schedules} schedules (promises 1 to 7)`, async () => {
    for (let seed = 0; seed < schedules; seed++) {
      const finding = await runSchedule(seed)
      if (finding !== undefined) assert.unreachable(render(finding))
    }
  }, 1_500_000)

  it('is found out when its calls do not wait for those that outlived their process (promise 3)', async () => {
    const hasty: typeof createEngine = (ports) =>
      createEngine({
        ...ports,
        runner: {
          run: ({ mayOverlap: _, ...invocation }, signal) => ports.runner.run(invocation, signal),
        },
      })
    // It matters in one schedule of a hundred; these are the first.
    for (const seed of [145, 170, 183])
      assert.match((await runSchedule(seed, hasty))?.message ?? '', /^left over: /)
  })

  it('goes the same way again for the same seed', async () => {
    for (const seed of [1, 20, 300, 4000]) assert.equal(await traceOf(seed), await traceOf(seed))
  })
})
