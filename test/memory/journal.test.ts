import * as assert from 'uvu/assert'
import type { JournalEntry, Stored } from '../../lib/ports/index.js'
import {
  createDriverProcess,
  createMemoryJournal,
  journalFaults,
  type MemoryJournal,
  parseJournalState,
} from '../../runners/memory/index.js'
import { describe } from '../suite.js'

const { signal } = new AbortController()

const open = async (journal: MemoryJournal, id = 'c1'): Promise<JournalEntry> => {
  const opened = await journal.open(id, 'create', signal)
  return opened.ok ? opened.value : (assert.unreachable(opened.message) as never)
}

const recordsIn = async (journal: MemoryJournal, id = 'c1') => {
  const entry = await open(journal, id)
  await entry.close()
  return Object.fromEntries(entry.records)
}

const wordsOf = (stored: Stored<unknown>): string => (stored.ok ? 'ok' : stored.message)

describe('a journal in memory', (it) => {
  it('keeps records by container and interface, as JSON', async () => {
    const journal = createMemoryJournal()
    const entry = await open(journal)
    assert.is(entry.records.size, 0)
    const record = { a: [1, { b: 2 }] }
    await entry.save('eth0', record)
    record.a.push(3)
    await entry.save('eth1', 'x')
    await entry.close()
    assert.equal(await recordsIn(journal), { eth0: { a: [1, { b: 2 }] }, eth1: 'x' })
    assert.equal(await recordsIn(journal, 'c2'), {})
    assert.equal(await journal.list(), { ok: true, value: ['c1'] })
  })

  it('forgets a record; forgetting what is not there succeeds', async () => {
    const journal = createMemoryJournal()
    const entry = await open(journal)
    await entry.save('eth0', 1)
    assert.is(wordsOf(await entry.remove('eth0')), 'ok')
    assert.is(wordsOf(await entry.remove('eth0')), 'ok')
    await entry.close()
    assert.equal(await recordsIn(journal), {})
    assert.equal(await journal.list(), { ok: true, value: [] })
  })

  it('tells corrupt records apart, and sets them aside', async () => {
    const journal = createMemoryJournal()
    journal.put('c1', 'eth0', '{"record":')
    journal.put('c1', 'eth1', '{}')
    const entry = await open(journal)
    assert.equal([...entry.records.keys()], ['eth1'])
    assert.equal(entry.corrupt, [{ ifname: 'eth0', message: 'the record is no JSON' }])
    assert.is(wordsOf(await entry.quarantine('eth0')), 'ok')
    await entry.close()
    assert.equal((await open(journal)).corrupt, [])
    assert.equal(journal.state.quarantined, [
      { containerId: 'c1', ifname: 'eth0', text: '{"record":' },
    ])
  })

  it('lets one holder of a container in at a time, in the order of their coming', async () => {
    const journal = createMemoryJournal()
    const order: string[] = []
    const hold = async (name: string) => {
      const entry = await open(journal)
      order.push(name)
      await entry.save('eth0', name)
      await entry.close()
    }
    const first = await open(journal)
    const others = [hold('a'), hold('b'), hold('c')]
    const elsewhere = await open(journal, 'c2')
    await elsewhere.close()
    assert.equal(order, [])
    assert.equal(journal.held, ['c1'])
    await first.close()
    await Promise.all(others)
    assert.equal(order, ['a', 'b', 'c'])
    assert.equal(journal.held, [])
    assert.equal(await recordsIn(journal), { eth0: 'c' })
  })

  it('shows a holder what the one before has written', async () => {
    const journal = createMemoryJournal()
    const first = await open(journal)
    const second = open(journal)
    await first.save('eth0', 'written')
    await first.close()
    assert.equal((await second).records.get('eth0'), 'written')
  })

  it('ends the waiting when the signal fires, and lets the next one in all the same', async () => {
    const journal = createMemoryJournal()
    const first = await open(journal)
    const controller = new AbortController()
    const impatient = journal.open('c1', 'existing', controller.signal)
    const patient = open(journal)
    controller.abort()
    assert.is(wordsOf(await impatient), 'waiting for the lock of c1 was ended')
    assert.is(
      wordsOf(await journal.open('c1', 'create', controller.signal)),
      'waiting for the lock of c1 was ended',
    )
    await first.close()
    await (await patient).close()
    assert.equal(journal.held, [])
  })

  it('changes nothing through an entry that is closed, and closes twice without harm', async () => {
    const journal = createMemoryJournal()
    const entry = await open(journal)
    await entry.close()
    const next = await open(journal)
    await entry.close()
    assert.equal(journal.held, ['c1'])
    assert.is(wordsOf(await entry.save('eth0', 1)), 'the records of c1 are closed')
    assert.is(wordsOf(await entry.remove('eth0')), 'the records of c1 are closed')
    await next.close()
    assert.equal(await recordsIn(journal), {})
  })

  it('refuses a record that JSON cannot express', async () => {
    const journal = createMemoryJournal()
    const entry = await open(journal)
    const cycle: unknown[] = []
    cycle.push(cycle)
    for (const record of [cycle, undefined, 7n]) {
      assert.is(wordsOf(await entry.save('eth0', record)), 'the record cannot be written as JSON')
    }
    assert.is(journal.writes, 0)
  })

  it('comes back from its text', async () => {
    const journal = createMemoryJournal()
    journal.put('c1', '__proto__', '{"a":1}')
    journal.put('c1', 'eth0', 'broken')
    const entry = await open(journal)
    await entry.quarantine('eth0')
    const text = JSON.stringify(journal)
    const parsed = parseJournalState(text)
    assert.ok(parsed.ok)
    const again = createMemoryJournal({ state: parsed.state })
    assert.is(JSON.stringify(again), text)
    assert.equal((await open(again)).records.get('__proto__'), { a: 1 })
    for (const bad of [
      '{',
      'null',
      '{"version":2}',
      '{"version":1,"records":[{}],"quarantined":[]}',
    ]) {
      assert.is(parseJournalState(bad).ok, false, bad)
    }
  })
})

describe('the faults of a journal in memory', (it) => {
  it('refuse one write, which changes nothing', async () => {
    const journal = createMemoryJournal()
    const entry = await open(journal)
    await entry.save('eth0', 'old')
    journal.faultAt(1)
    assert.is(wordsOf(await entry.save('eth0', 'new')), 'ENOSPC: no space left on device, write')
    assert.equal(
      journal.state.records.map(({ text }) => text),
      ['"old"'],
    )
    assert.is(wordsOf(await entry.save('eth0', 'new')), 'ok')
    assert.is(journal.writes, 3)
  })

  it('refuse every write or every open until they are taken back', async () => {
    const journal = createMemoryJournal()
    const entry = await open(journal)
    journal.refuseWrites('EROFS: read-only file system')
    assert.is(wordsOf(await entry.save('eth0', 1)), 'EROFS: read-only file system')
    assert.is(wordsOf(await entry.remove('eth0')), 'EROFS: read-only file system')
    journal.refuseWrites(undefined)
    assert.is(wordsOf(await entry.save('eth0', 1)), 'ok')
    journal.refuseOpens('EACCES')
    assert.is(wordsOf(await journal.open('c2', 'create', signal)), 'EACCES')
    journal.refuseOpens(undefined)
    assert.is(wordsOf(await journal.open('c2', 'create', signal)), 'ok')
  })

  it('kill the process before a write or after it, and free its locks', async () => {
    for (const when of ['before', 'after'] as const) {
      const driver = createDriverProcess()
      const journal = createMemoryJournal({ driver })
      const entry = await open(journal)
      journal.faultAt(0, journalFaults.crash(when))
      let settled = false
      void entry.save('eth0', 1).then(() => {
        settled = true
      })
      assert.is(await driver.crashed, `${when} save of the record c1/eth0`)
      driver.restart()
      assert.equal(journal.held, [])
      assert.equal(await recordsIn(journal), when === 'after' ? { eth0: 1 } : {})
      assert.is(settled, false)
      void entry.close()
      assert.equal(journal.held, [])
    }
  })

  it('lose a write that was acknowledged, at the next crash: what was there before is there again', async () => {
    const driver = createDriverProcess()
    const journal = createMemoryJournal({ driver })
    let entry = await open(journal)
    await entry.save('eth0', 'first')
    journal.faultAt(1, journalFaults.lose())
    journal.faultAt(2, journalFaults.lose())
    await entry.save('eth0', 'second')
    await entry.save('eth1', 'lost')
    await entry.save('eth2', 'kept')
    await entry.close()
    assert.equal(await recordsIn(journal), { eth0: 'second', eth1: 'lost', eth2: 'kept' })
    driver.crash('power cut')
    await driver.crashed
    driver.restart()
    assert.equal(await recordsIn(journal), { eth0: 'first', eth2: 'kept' })
    entry = await open(journal)
    journal.faultAt(journal.writes, journalFaults.lose())
    await entry.remove('eth0')
    driver.crash('power cut')
    await driver.crashed
    driver.restart()
    assert.equal(await recordsIn(journal), { eth0: 'first', eth2: 'kept' })
  })

  it('come at every crash point of a write: one before, one after', async () => {
    const driver = createDriverProcess()
    const journal = createMemoryJournal({ driver })
    const entry = await open(journal)
    await entry.save('eth0', 1)
    await entry.remove('eth0')
    assert.is(driver.points, 4)
  })
})
