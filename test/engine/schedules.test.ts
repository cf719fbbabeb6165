import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { type Finding, runSchedule } from './schedule.js'

const schedules = 10_000

const render = ({ seed, message, trace }: Finding): string =>
  [`seed ${seed}: ${message}`, ...trace, `replay: SEED=${seed} npm test -- schedules`].join('\n  ')

describe('the engine on the memory node', (it) => {
  const only = process.env.SEED
  it(`leaves nothing after the last DEL, whatever failed before, in ${schedules} schedules (promises 1 to 6)`, async () => {
    const seeds =
      only === undefined ? Array.from({ length: schedules }, (_, seed) => seed) : [Number(only)]
    for (const seed of seeds) {
      const finding = await runSchedule(seed)
      if (finding !== undefined) assert.unreachable(render(finding))
    }
  }, 600_000)
})
