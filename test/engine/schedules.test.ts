import * as assert from 'uvu/assert'
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
  }, 600_000)

  it('goes the same way again for the same seed', async () => {
    for (const seed of [1, 20, 300, 4000]) assert.equal(await traceOf(seed), await traceOf(seed))
  })
})
