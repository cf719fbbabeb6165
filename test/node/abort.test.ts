import { getEventListeners } from 'node:events'
import * as assert from 'uvu/assert'
import { onAbort, sleep } from '../../runners/node/abort.js'
import { describe } from '../suite.js'

describe('a signal that many wait for', (it) => {
  it('has one listener, which tells all of them once, in their order', () => {
    const controller = new AbortController()
    const told: number[] = []
    for (let one = 0; one < 100; one++) onAbort(controller.signal, () => told.push(one))
    assert.is(getEventListeners(controller.signal, 'abort').length, 1)
    controller.abort()
    controller.abort()
    assert.equal(
      told,
      Array.from({ length: 100 }, (_, one) => one),
    )
  })

  it('tells nobody who has left, before it fires or while it does', () => {
    const controller = new AbortController()
    const told: string[] = []
    const tell = (name: string) => () => {
      told.push(name)
    }
    const leaveEarly = onAbort(controller.signal, tell('early'))
    onAbort(controller.signal, () => leaveLate())
    const leaveLate = onAbort(controller.signal, tell('late'))
    onAbort(controller.signal, tell('stays'))
    leaveEarly()
    leaveEarly()
    controller.abort()
    assert.equal(told, ['stays'])
  })

  it('has no listener when all have left, and one again for the next', () => {
    const controller = new AbortController()
    const leave = [onAbort(controller.signal, () => {}), onAbort(controller.signal, () => {})]
    for (const one of leave) one()
    assert.is(getEventListeners(controller.signal, 'abort').length, 0)
    let told = 0
    onAbort(controller.signal, () => told++)
    for (const one of leave) one()
    controller.abort()
    assert.is(told, 1)
  })

  it('takes the same function twice for two', () => {
    const controller = new AbortController()
    let told = 0
    const tell = (): void => {
      told++
    }
    onAbort(controller.signal, tell)
    onAbort(controller.signal, tell)()
    controller.abort()
    assert.is(told, 1)
  })

  it('ends a sleep, also one that begins afterwards', async () => {
    const controller = new AbortController()
    const waiting = [sleep(60_000, controller.signal), sleep(60_000, controller.signal)]
    controller.abort()
    await Promise.all(waiting)
    await sleep(60_000, controller.signal)
    await sleep(1)
  })
})
