import * as assert from 'uvu/assert'
import { readRecordings, replay } from '../../lib/index.js'
import { record } from '../../runners/wrap/index.js'
import { runSchedule } from '../simulation/schedule.js'
import { describe } from '../suite.js'

const schedules = 60

describe('what random schedules record', (it) => {
  it(`replays the same, crash and fault or not, in ${schedules} schedules (issue: replay)`, async () => {
    let operations = 0
    let cut = 0
    for (let seed = 0; seed < schedules; seed++) {
      let text = ''
      const sink = (line: string) => {
        text += line
      }
      const finding = await runSchedule(seed, (ports) => record(ports, sink))
      assert.is(finding, undefined, `seed ${seed}: ${finding?.message}`)
      const { recordings, problems } = readRecordings({ source: `seed ${seed}`, text })
      assert.equal(problems, [], `seed ${seed}`)
      for (const recording of recordings) {
        const replayed = await replay(recording)
        assert.equal(replayed.differences, [], `${recording.source}`)
        assert.is(replayed.steps, recording.steps.length)
        assert.is(replayed.isCut, recording.outcome === undefined)
        operations++
        if (replayed.isCut) cut++
      }
    }
    assert.ok(operations > 5 * schedules, `${operations} operations`)
    assert.ok(cut > 5, `${cut} cut short`)
  }, 900_000)
})
