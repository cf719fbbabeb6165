import * as assert from 'uvu/assert'
import { readRecordings, replay } from '../../lib/index.js'
import { describe } from '../suite.js'
import { recordingOf, textOf } from './folder.js'

const read = (text: string) => readRecordings({ source: 'file', text })
const linesOf = (name: string): string[] => textOf(name).trimEnd().split('\n')
const codesOf = (text: string): readonly string[] =>
  read(text).problems.map(({ severity, path, message }) => `${severity} ${path} ${message}`)

/** The lines with one of them changed, which is given as JSON. */
const edited = (index: number, change: object, name = 'dual-stack'): string =>
  linesOf(name)
    .map((line, at) => (at === index ? JSON.stringify({ ...JSON.parse(line), ...change }) : line))
    .join('\n')

describe('a file of recordings', (it) => {
  it('may hold several, one after the other or line by line in each other', () => {
    const lines = linesOf('dual-stack')
    const ids = lines.map((line) => JSON.parse(line).operation)
    const groups = [...new Set(ids)].map((id) => lines.filter((_, at) => ids[at] === id))
    const mixed: string[] = []
    while (groups.some((group) => group.length > 0))
      for (const group of groups) mixed.push(...group.splice(0, 1))
    const { recordings, problems } = read(mixed.join('\n'))
    assert.equal(problems, [])
    const bare = ({ source: _, ...rest }: object & { source: string }) => rest
    assert.equal(
      recordings.map(bare),
      [0, 1, 2].map((index) => bare(recordingOf('dual-stack', index))),
    )
  })

  it('may end within a line, as after a crash: a warning, and the rest counts', async () => {
    const text = textOf('dual-stack')
    for (const end of [text.length - 2, text.length - 500, text.indexOf('\n') + 40]) {
      const { recordings, problems } = read(text.slice(0, end))
      assert.equal(
        problems.map(({ severity, code }) => `${severity} ${code}`),
        ['warning bad-recording'],
      )
      const last = await replay(recordings.at(-1) as (typeof recordings)[0])
      assert.equal([last.differences, last.isCut], [[], true])
    }
  })

  it('may have been cut within a line: what goes on after it has no beginning, the rest counts', () => {
    const [first = '', ...rest] = linesOf('nothing')
    const { recordings, problems } = read(
      [first.slice(0, 50), ...linesOf('status'), ...rest].join('\n'),
    )
    assert.is(recordings.length, 3)
    assert.match(problems[1]?.message ?? '', 'cannot be read')
    assert.match(problems[0]?.message ?? '', /the beginning of ".*" is missing/)
    assert.equal(
      problems.map(({ severity }) => severity),
      ['error', 'warning'],
    )
  })

  it('may have been cut within its last line, and gone on by others: a warning', () => {
    const lines = linesOf('nothing')
    const own = JSON.parse(lines[0] ?? '').operation
    const others = lines.filter((line) => JSON.parse(line).operation !== own)
    const { recordings, problems } = read([(lines[0] ?? '').slice(0, 50), ...others].join('\n'))
    assert.is(recordings.length, 1)
    assert.equal(
      problems.map(({ severity }) => severity),
      ['warning'],
    )
  })

  it('loses no step in silence: a gap is an error, and what follows it is not taken', async () => {
    for (const gap of [1, 2, 3, 4, 6]) {
      const lines = linesOf('dual-stack').slice(0, 12)
      lines.splice(gap, 1)
      const { recordings, problems } = read(lines.join('\n'))
      assert.match(problems[0]?.message ?? '', 'lines before this one are missing')
      assert.equal([problems[0]?.severity, problems[0]?.path], ['error', `file:${gap + 1}#/step`])
      const [recording] = recordings
      if (recording === undefined) throw new Error('nothing was read')
      assert.ok(recording.steps.length <= Math.ceil(gap / 2))
      assert.is(recording.outcome, undefined)
      assert.is(recording.hasGap, true)
      const { differences, isCut } = await replay(recording)
      assert.equal([differences.length, differences[0]?.kind, isCut], [1, 'gap', true])
    }
  })

  it('loses none in silence where a line in the middle cannot be read', () => {
    const lines = linesOf('dual-stack').slice(0, 12)
    lines.splice(4, 1, '{"torn')
    const { problems } = read(lines.join('\n'))
    assert.equal(
      problems.map(({ severity, path }) => `${severity} ${path}`),
      ['error file:6#/step', 'warning file:5#'],
    )
  })

  it('says how many steps there were: the last one is missed, too', () => {
    const lines = linesOf('dual-stack').slice(0, 12)
    const [last = ''] = lines.slice(-1)
    const whole = [...lines.slice(0, -1), JSON.stringify({ ...JSON.parse(last), steps: 5 })]
    assert.equal(codesOf(whole.join('\n')), [])
    const { recordings, problems } = read([...whole.slice(0, 9), ...whole.slice(11)].join('\n'))
    assert.match(problems[0]?.message ?? '', 'lines before this one are missing')
    assert.is(problems[0]?.severity, 'error')
    assert.equal([recordings[0]?.hasGap, recordings[0]?.outcome], [true, undefined])
    // A recording of before says nothing of it.
    const older = [...lines.slice(0, 9), ...lines.slice(11)]
    assert.equal(codesOf(older.join('\n')), [])
  })

  it('without the beginning of an operation is one with a gap', () => {
    const { problems } = read([...linesOf('status'), ...linesOf('nothing').slice(1)].join('\n'))
    assert.is(problems[0]?.severity, 'error')
    assert.match(problems[0]?.message ?? '', /the beginning of ".*" is missing/)
  })

  it('may end before an operation has begun, when its first line is too long to be written', () => {
    const cut = JSON.stringify({ operation: 'long', cut: 'a line of 17000000 characters' })
    const [problem] = read([...linesOf('status'), cut].join('\n')).problems
    assert.is(problem?.severity, 'warning')
    assert.match(problem?.message ?? '', 'the recording ends here: "a line of 17000000 characters"')
  })

  it('is read when a later minor version wrote it, and has keys and lines that nobody knows', async () => {
    const lines = edited(0, { minor: 7, shape: 'new' }).split('\n')
    const { operation } = JSON.parse(lines[0] ?? '')
    lines.splice(1, 0, JSON.stringify({ operation, note: 'new' }))
    const { recordings, problems } = read(lines.join('\n'))
    assert.equal(problems, [])
    assert.equal((await replay(recordings[0] as never)).differences, [])
    assert.is(recordings[0]?.outcome === undefined, false)
    const asked = edited(1, { asked: { kind: 'new' } }).replace('"minor":0', '"minor":7')
    assert.match(codesOf(asked)[0] ?? '', 'warning file:2#/asked/kind')
  })

  it('is refused when another major version wrote it', () => {
    for (const version of [2, 0, '1', null, undefined]) {
      const { recordings, problems } = read(edited(0, { version }, 'nothing'))
      assert.is(recordings.length, 1)
      assert.match(problems[0]?.message ?? '', 'are not understood, only of version 1')
      assert.is(problems[0]?.severity, 'error')
      assert.is(problems[0]?.path, 'file:1#/version')
    }
  })

  it('is refused where a line holds what no engine may be given, with the place', () => {
    const cases: readonly (readonly [number, object, string])[] = [
      [0, { command: { verb: 'EAT' } }, 'file:1#/command/verb'],
      [0, { command: { verb: 'DEL', sandbox: {} } }, 'file:1#/command/sandbox/containerId'],
      [
        0,
        { command: { verb: 'STATUS', path: [], plan: { attachments: 1 } } },
        'file:1#/command/plan',
      ],
      [0, { recording: 'else' }, 'file:1#/recording'],
      [1, { asked: { kind: '__proto__' } }, 'file:2#/asked/kind'],
      [1, { asked: { kind: 'open', mode: 'create', containerId: 7 } }, 'file:2#/asked/containerId'],
      [2, { answer: { ok: 1 } }, 'file:3#/answer'],
      [5, { asked: { kind: 'run' } }, 'file:6#/asked/type'],
      [6, { answer: { kind: 'success' } }, 'file:7#/answer/stdout'],
      [11, { outcome: 7 }, 'file:12#'],
    ]
    for (const [line, change, path] of cases) {
      const [first = ''] = codesOf(edited(line, change))
      assert.match(first, `error ${path}`, `${first} for ${JSON.stringify(change)}`)
    }
  })

  it('that holds nothing is an error, and says it once', () => {
    for (const text of ['', '\n\n', '{}', '[]', 'root:x:0:0\nbin:x:1:1\n', '\0'.repeat(100)]) {
      const { recordings, problems } = read(text)
      assert.equal(recordings, [])
      assert.is(problems[0]?.severity, 'error', JSON.stringify(text))
    }
    assert.ok(read('no\n'.repeat(10_000)).problems.length < 10)
  })

  it('begins an operation once, and ends it once', () => {
    const [first = '', ...rest] = linesOf('nothing')
    assert.match(codesOf([first, first, ...rest].join('\n'))[0] ?? '', 'has begun before')
    const text = [...linesOf('nothing'), linesOf('nothing')[1]].join('\n')
    assert.equal(codesOf(text), [])
  })

  it('that is nested too deep or longer than a line may be is no recording, and no harm', () => {
    const deep = `{"operation":"a","asked":${'['.repeat(200)}${']'.repeat(200)}}`
    assert.match(codesOf(deep).join(' '), 'nested deeper')
    const long = `{"operation":"${'a'.repeat(17 * 1024 * 1024)}"}`
    assert.match(codesOf(long).join(' '), 'is the limit')
  })

  it('never throws, and its replay never rejects, for 200 spoiled files', async () => {
    const text = textOf('secrets')
    let state = 1
    const random = (below: number): number => {
      state = (state * 48271) % 2147483647
      return state % below
    }
    const pieces = ['{', '}', '"', '[', ',', '\n', 'null', '__proto__', '9e999', '"kind"', '\\']
    for (let round = 0; round < 200; round++) {
      const from = random(text.length)
      const to = from + random(40)
      const piece = pieces[random(pieces.length)] ?? ''
      const { recordings } = read(text.slice(0, from) + piece + text.slice(to))
      if (round % 20 === 0) for (const one of recordings) await replay(one)
    }
  })
})
