import * as assert from 'uvu/assert'
import {
  type Asked,
  allInterfaces,
  type Difference,
  type RecordedStep,
  type Recording,
  replay,
} from '../lib/index.js'
import { recordingFiles, recordingOf, recordingsOf } from './recording/folder.js'
import { describe } from './suite.js'

/** The recording with one of its steps (from 1) put differently. */
const withStep = (
  recording: Recording,
  step: number,
  change: (step: RecordedStep) => readonly RecordedStep[],
): Recording => ({
  ...recording,
  steps: recording.steps.flatMap((one, index) => (index === step - 1 ? change(one) : [one])),
})

const asking = (recording: Recording, step: number, change: object): Recording =>
  withStep(recording, step, (one) => [{ ...one, asked: { ...one.asked, ...change } as Asked }])

/** The first difference of a replay. */
const firstOf = async (recording: Recording): Promise<Difference> => {
  const [first] = (await replay(recording)).differences
  if (first === undefined) throw new Error('no difference was found')
  return first
}

describe('the recordings of the folder', (it) => {
  for (const name of recordingFiles) {
    it(`go the same way today: ${name}`, async () => {
      for (const recording of recordingsOf(name)) {
        const { differences, isCut, steps } = await replay(recording)
        assert.equal(differences, [], recording.source)
        assert.is(isCut, recording.outcome === undefined)
        assert.is(steps, recording.steps.length)
      }
    })
  }

  it('are of every verb, every version of CNI, and of every kind of step and answer', () => {
    const all = recordingFiles.flatMap(recordingsOf)
    assert.ok(recordingFiles.length >= 15, recordingFiles.join(' '))
    const verbs = new Set(all.map(({ command }) => command.verb))
    assert.equal([...verbs].sort(), ['ADD', 'CHECK', 'DEL', 'GC', 'STATUS'])
    const steps = all.flatMap((one) => one.steps)
    const kinds = new Set(steps.map(({ asked }) => asked.kind))
    assert.equal([...kinds].sort(), [
      'close',
      'list',
      'open',
      'quarantine',
      'remove',
      'run',
      'save',
    ])
    const stdins = steps.flatMap(({ asked }) => (asked.kind === 'run' ? [asked.stdin] : []))
    const versions = new Set(stdins.map(({ cniVersion }) => cniVersion))
    assert.equal([...versions].sort(), ['0.2.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'])
    const answers = new Set(
      steps.map(({ answer }) => (answer && 'kind' in answer ? answer.kind : '')),
    )
    for (const kind of ['success', 'refused', 'none']) assert.ok(answers.has(kind as never), kind)
    assert.ok(
      all.some(({ outcome }) => outcome === undefined),
      'none is cut short',
    )
  })

  it('name every single step that would be another one', async () => {
    let count = 0
    for (const recording of recordingFiles.flatMap(recordingsOf)) {
      for (const [index, { asked }] of recording.steps.entries()) {
        const changed = asked.kind === 'list' ? { kind: 'open' } : changeIn(asked)
        const { step, kind } = await firstOf(asking(recording, index + 1, changed))
        assert.is(step, index + 1, `${recording.source} step ${index + 1}`)
        assert.is(kind, 'stdin' in changed || 'record' in changed ? 'changed' : 'other')
        count++
      }
    }
    assert.ok(count > 200, `${count} steps`)
  })
})

const changeIn = (asked: Asked): object => {
  if (asked.kind === 'run') return { stdin: { ...asked.stdin, another: 1 } }
  return asked.kind === 'save' ? { record: {} } : { containerId: 'another' }
}

describe('a replay says at which step, and where in it', (it) => {
  const add = recordingOf('several-attachments')

  it('another stdin, key by key, and goes on: a change has consequences', async () => {
    const { asked } = add.steps[2] as RecordedStep & { asked: { kind: 'run' } }
    const { stdin } = asked
    const ipam = { ...(stdin.ipam as object), type: 'static' }
    const changed = asking(add, 3, { stdin: { ...stdin, ipam, mtu: 1400 } })
    const again = asking(changed, 9, { containerId: 'web' })
    const { differences, steps } = await replay(again)
    assert.equal(differences, [
      {
        kind: 'changed',
        step: 3,
        recorded: 'ADD bridge for dual@eth0',
        today: 'ADD bridge for dual@eth0',
        changes: [
          { path: '/stdin/ipam/type', before: 'static', after: 'host-local' },
          { path: '/stdin/mtu', before: 1400 },
        ],
      },
    ])
    assert.is(steps, add.steps.length)
  })

  it('another environment, and another search path', async () => {
    const { asked } = add.steps[2] as RecordedStep & { asked: { kind: 'run' } }
    const env = { ...asked.env, CNI_ARGS: 'A=1', CNI_NETNS: '/run/netns/other' }
    const { changes } = await firstOf(asking(add, 3, { env, path: ['/opt/cni/bin'] }))
    const paths = changes.map(({ path }) => path)
    assert.equal(paths.slice(0, 2), ['/env/CNI_NETNS', '/env/CNI_ARGS'])
    assert.ok(paths.includes('/path/0'), paths.join(' '))
  })

  it('another record', async () => {
    const { asked } = add.steps[1] as RecordedStep & { asked: { kind: 'save' } }
    const record = { ...(asked.record as object), steps: [{ state: 'added', pending: 1 }] }
    const { step, changes, recorded } = await firstOf(asking(add, 2, { record }))
    assert.is(step, 2)
    assert.is(recorded, 'save the record of web eth0 (added)')
    assert.equal(changes[0], { path: '/record/steps/0/state', before: 'added', after: 'adding' })
  })

  it('another plugin, which ends the replay', async () => {
    const { kind, step, recorded, today } = await firstOf(asking(add, 5, { type: 'ipvlan' }))
    assert.equal([kind, step], ['other', 5])
    assert.is(recorded, 'ADD ipvlan for storage@north')
    assert.is(today, 'ADD macvlan for storage@north')
  })

  it('a step more than was recorded, in the middle and at the end', async () => {
    const middle = await firstOf(withStep(add, 5, () => []))
    assert.equal([middle.kind, middle.step], ['other', 5])
    assert.is(middle.today, 'ADD macvlan for storage@north')
    const end = await firstOf(withStep(add, 9, () => []))
    assert.equal(end, { kind: 'more', step: 9, today: 'close the records of web', changes: [] })
  })

  it('a step less than was recorded, in the middle and at the end', async () => {
    const extra: RecordedStep = {
      asked: { kind: 'remove', containerId: 'web', ifname: 'eth0' },
      answer: { ok: true, value: undefined },
    }
    const middle = await firstOf(withStep(add, 5, (step) => [extra, step]))
    assert.equal([middle.kind, middle.step], ['left-out', 5])
    assert.is(middle.recorded, 'remove the record of web eth0')
    const end = await firstOf({ ...add, steps: [...add.steps, extra] })
    assert.equal([end.kind, end.step, end.today], ['fewer', 10, 'success'])
  })

  it('what follows from another answer', async () => {
    const answer = { kind: 'refused', error: { code: 11, msg: 'busy' } } as const
    const { kind, step, today } = await firstOf(withStep(add, 5, (one) => [{ ...one, answer }]))
    assert.equal([kind, step], ['other', 6])
    assert.is(today, 'DEL macvlan for storage@north')
    const full = { ok: false, message: 'disk full' } as const
    const unsaved = withStep(add, 2, (one) => [{ ...one, answer: full }])
    assert.equal([(await firstOf(unsaved)).step, (await firstOf(unsaved)).kind], [3, 'other'])
  })

  it('another outcome, with its place', async () => {
    const outcome = structuredClone(add.outcome) as { value: { result: { ips: object[] } } }
    outcome.value.result.ips.pop()
    const { kind, step, changes } = await firstOf({ ...add, outcome })
    assert.equal([kind, step, changes.length], ['outcome', 10, 1])
    assert.is(changes[0]?.path, '/value/result/ips/1')
  })

  it('another error, of which the words count too', async () => {
    const failed = recordingOf('missing-plugin')
    const outcome = { ok: false, error: { kind: 'interrupted' }, undone: [], left: [] }
    const { kind, changes } = await firstOf({ ...failed, outcome })
    assert.is(kind, 'outcome')
    assert.equal(changes[0], { path: '/error/kind', before: 'interrupted', after: 'no-answer' })
  })

  it('another engine: one that merges in another way', async () => {
    const merges = { primaryResultOnly: allInterfaces }
    const { differences } = await replay(add, { merges })
    assert.equal(
      differences.map(({ kind, step }) => [kind, step]),
      [['outcome', 10]],
    )
    assert.ok(differences[0]?.changes.every(({ path }) => path.startsWith('/value/result')))
  })

  it('a GC that opens other containers, a STATUS of other plugins', async () => {
    const gc = recordingOf('gc', 2)
    const open = gc.steps.findIndex(({ asked }) => asked.kind === 'open') + 1
    assert.is((await firstOf(asking(gc, open, { containerId: 'db' }))).step, open)
    const status = recordingOf('status')
    assert.is((await firstOf(asking(status, 2, { type: 'sbr' }))).step, 2)
  })
})

describe('a replay', (it) => {
  it('of what is cut short says so, and is the same as far as it goes', async () => {
    const add = recordingOf('several-attachments')
    for (let count = 0; count <= add.steps.length; count++) {
      const { outcome: _, ...rest } = { ...add, steps: add.steps.slice(0, count) }
      assert.equal(await replay(rest), { differences: [], steps: count, isCut: true })
      const [last] = rest.steps.slice(-1)
      if (last === undefined) continue
      const unanswered = [...rest.steps.slice(0, -1), { asked: last.asked }]
      const replayed = await replay({ ...rest, steps: unanswered })
      assert.equal(replayed, { differences: [], steps: count, isCut: true })
    }
  })

  it('takes a merge rule of the recorder that is not at hand to give what it gave', async () => {
    const add = recordingOf('dual-stack')
    if (add.command.verb !== 'ADD') throw new Error('no ADD')
    const text = JSON.stringify(add).replaceAll('"primaryResultOnly"', '"mine"')
    assert.equal((await replay(JSON.parse(text) as Recording)).differences, [])
  })

  it('shows no secret, also of a recording that was made with fewer masks', async () => {
    const add = recordingOf('secrets')
    const text = JSON.stringify(add)
    const bare = JSON.parse(text.replaceAll('"credentials":"***"', '"credentials":"hunter2"'))
    assert.equal((await replay(bare)).differences, [])
    const { asked } = bare.steps[2]
    const other = asking(bare, 3, { stdin: { ...asked.stdin, credentials: 'hunter3', mtu: 1 } })
    const { differences } = await replay(other)
    assert.equal(differences[0]?.changes, [{ path: '/stdin/mtu', before: 1 }])
  })

  it('never rejects, whatever is given for a recording', async () => {
    const add = recordingOf('dual-stack')
    for (const steps of [
      [{ asked: null }],
      [{ asked: { kind: 'open', containerId: 'web' }, answer: null }],
      [{ ...add.steps[0], answer: { ok: true, value: null } }],
    ]) {
      const replayed = await replay({ ...add, steps } as unknown as Recording).catch(String)
      assert.is.not(typeof replayed, 'string', String(replayed))
    }
  })
})
