import * as assert from 'uvu/assert'
import { createVirtualTime, wallTime } from '../../runners/memory/index.js'
import { describe } from '../suite.js'

describe('virtual time', (it) => {
  it('jumps to the next sleeper by itself once nothing else can happen', async () => {
    const time = createVirtualTime({ start: 100 })
    const woken: (readonly [string, number])[] = []
    const sleep = async (name: string, milliseconds: number) => {
      await time.sleep(milliseconds)
      woken.push([name, time.now()])
    }
    await Promise.all([sleep('late', 3_600_000), sleep('early', 5), sleep('also late', 3_600_000)])
    assert.equal(woken, [
      ['early', 105],
      ['late', 3_600_100],
      ['also late', 3_600_100],
    ])
  })

  it('lets a sleeper that wakes sleep again before the clock goes on', async () => {
    const time = createVirtualTime()
    const woken: number[] = []
    const tick = async () => {
      for (let i = 0; i < 3; i++) {
        await time.sleep(10)
        woken.push(time.now())
      }
    }
    await Promise.all([tick(), time.sleep(25).then(() => woken.push(time.now()))])
    assert.equal(woken, [10, 20, 25, 30])
  })

  it('by hand moves when it is told to, and no further', async () => {
    const time = createVirtualTime({ byHand: true })
    const woken: string[] = []
    void time.sleep(10).then(() => woken.push('ten'))
    void time.sleep(20).then(() => woken.push('twenty'))
    await time.advance(9)
    assert.equal(woken, [])
    await time.advance(1)
    assert.equal(woken, ['ten'])
    await time.advance(100)
    assert.equal(woken, ['ten', 'twenty'])
    assert.is(time.now(), 110)
  })

  for (const [name, time] of [
    ['virtual time', createVirtualTime({ byHand: true })],
    ['the wall clock', wallTime],
  ] as const) {
    it(`ends a sleep when its signal fires, at once when it has fired: ${name}`, async () => {
      const controller = new AbortController()
      const asleep = time.sleep(3_600_000, controller.signal)
      controller.abort()
      await asleep
      await time.sleep(3_600_000, controller.signal)
    })
  }

  it('of the wall clock passes', async () => {
    const before = wallTime.now()
    await wallTime.sleep(2)
    assert.ok(wallTime.now() - before >= 1)
  })
})
