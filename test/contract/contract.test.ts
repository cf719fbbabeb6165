import * as assert from 'uvu/assert'
import type { Answer, Invocation } from '../../lib/cni/invocation.js'
import type { Runner } from '../../lib/ports/index.js'
import {
  type ContractOptions,
  clauseNames,
  runnerContract,
  type Subject,
} from '../../runners/contract/index.js'
import { describe } from '../suite.js'

/** A runner in a few lines that keeps every clause: what the faulty ones below differ from. */
const createHonestRunner = () => {
  const running = new Set<string>()
  const waiting: (() => void)[] = []
  let started = 0
  const run = async (invocation: Invocation, signal: AbortSignal): Promise<Answer> => {
    const { type, env } = invocation
    if (signal.aborted) return none('aborted', false)
    if (typeof type !== 'string' || !known.has(type)) return none('not-found', false)
    if (Object.values(env).some((value) => String(value).includes('\0'))) {
      return none('not-startable', false)
    }
    let stdin: string
    try {
      stdin = JSON.stringify(invocation.stdin)
      if (stdin === undefined) return none('not-startable', false)
    } catch {
      return none('not-startable', false)
    }
    started++
    if (type === 'reports') return { kind: 'success', stdout: reportOf(env, stdin) }
    if (type !== 'hangs') return answers[type] ?? none('not-found', false)
    running.add(env.CNI_CONTAINERID)
    for (const tell of waiting) tell()
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    running.delete(env.CNI_CONTAINERID)
    return none('aborted', true)
  }
  const isStarted = (containerId: string): Promise<void> =>
    new Promise((resolve) => {
      const tell = (): void => {
        if (running.has(containerId)) resolve()
      }
      waiting.push(tell)
      tell()
    })
  const subject = (runner: Runner): Subject => ({
    runner,
    path: ['/plugins'],
    plugins: {
      succeeds: { type: 'good', stdout: '{}' },
      printsGarbage: { type: 'garbage', stdout: 'x {' },
      refuses: { type: 'refuses', error },
      failsWithoutWords: { type: 'wordless' },
      failsWithGarbage: { type: 'wordless' },
      reports: { type: 'reports' },
      ignoresStdin: { type: 'good', stdout: '{}' },
      hangs: {
        type: 'hangs',
        started: isStarted,
        isRunning: async (containerId) => running.has(containerId),
      },
      floods: { type: 'floods' },
    },
    startedCount: async () => started,
  })
  return { run, subject }
}

const error = { code: 11, msg: 'later', details: 'much later' }
const answers: Readonly<Record<string, Answer>> = {
  good: { kind: 'success', stdout: '{}' },
  garbage: { kind: 'success', stdout: 'x {' },
  refuses: { kind: 'refused', error },
  wordless: { kind: 'refused', error: { code: 0, msg: 'no words' } },
  floods: { kind: 'none', reason: { kind: 'too-much-output', message: 'm', started: true } },
}
const known = new Set([...Object.keys(answers), 'reports', 'hangs'])

function none(kind: 'aborted' | 'not-found' | 'not-startable', started: boolean): Answer {
  return { kind: 'none', reason: { kind, message: `${kind}!`, started } }
}

const reportOf = (env: object, stdin: string): string => {
  const strings = Object.entries(env).filter(([, value]) => typeof value === 'string')
  return `{"env":${JSON.stringify(Object.fromEntries(strings))},"stdin":${stdin}}`
}

type Run = (invocation: Invocation, signal: AbortSignal) => unknown

/** The clauses that a runner breaks which differs from the honest one. */
const brokenBy = async (change: (honest: Runner['run']) => Run): Promise<readonly string[]> => {
  const broken: string[] = []
  const make = async (): Promise<Subject> => {
    const { run, subject } = createHonestRunner()
    return subject({ run: change(run) } as Runner)
  }
  for (const { clause, run } of runnerContract(make)) {
    try {
      await run()
    } catch {
      broken.push(clause)
    }
  }
  return broken
}

describe('the contract of runners', (it) => {
  it('is kept by an honest runner in every clause', async () => {
    assert.equal(await brokenBy((run) => run), [])
  })

  for (const [title, clause, change] of [
    ['throws', 'success-is-stdout', () => () => assert.unreachable()],
    ['rejects', 'success-is-stdout', () => () => Promise.reject(new Error('no'))],
    ['answers at once, without a promise', 'success-is-stdout', () => () => answers.good],
    ['answers nothing', 'success-is-stdout', () => async () => undefined],
    [
      'trims what the plugin printed',
      'any-text-is-stdout',
      (run) => async (call, signal) => {
        const answer = await run(call, signal)
        return answer.kind === 'success' ? { ...answer, stdout: answer.stdout.slice(0, 1) } : answer
      },
    ],
    [
      'refuses what is no JSON',
      'any-text-is-stdout',
      (run) => async (call, signal) =>
        call.type === 'garbage' ? answers.refuses : run(call, signal),
    ],
    [
      'only knows ADD',
      'every-verb',
      (run) => async (call, signal) =>
        call.verb === 'ADD' ? run(call, signal) : none('not-found', false),
    ],
    [
      'loses the details',
      'refusal-is-the-error',
      (run) => async (call, signal) =>
        call.type === 'refuses'
          ? { kind: 'refused', error: { code: 11, msg: 'later' } }
          : run(call, signal),
    ],
    [
      'makes every refusal 999',
      'refusal-is-the-error',
      (run) => async (call, signal) =>
        call.type === 'refuses'
          ? { kind: 'refused', error: { ...error, code: 999 } }
          : run(call, signal),
    ],
    [
      'leaves the message empty',
      'refusal-has-words',
      (run) => async (call, signal) =>
        call.type === 'wordless'
          ? { kind: 'refused', error: { code: 0, msg: ' ' } }
          : run(call, signal),
    ],
    [
      'takes a failure for a success',
      'refusal-from-garbage',
      (run) => async (call, signal) =>
        call.type === 'wordless' ? answers.good : run(call, signal),
    ],
    [
      'says started of a type that it did not find',
      'unknown-type',
      (run) => async (call, signal) => {
        const answer = await run(call, signal)
        return answer.kind === 'none' ? none('not-found', true) : answer
      },
    ],
    [
      'starts a path for a type',
      'impossible-type',
      (run) => async (call, signal) => (call.type === '../sh' ? answers.good : run(call, signal)),
    ],
    [
      'gives what flooded it',
      'too-much-output',
      (run) => async (call, signal) => (call.type === 'floods' ? answers.good : run(call, signal)),
    ],
    [
      'leaves empty variables out',
      'environment-arrives',
      (run) => (call, signal) => {
        const env = Object.fromEntries(Object.entries(call.env).filter(([, value]) => value !== ''))
        return run({ ...call, env } as unknown as Invocation, signal)
      },
    ],
    [
      'cuts stdin',
      'stdin-arrives',
      (run) => (call, signal) =>
        run(
          { ...call, stdin: JSON.stringify(call.stdin).length > 65536 ? {} : call.stdin },
          signal,
        ),
    ],
    [
      'cannot stand a stdin that is not read',
      'ignored-stdin',
      (run) => async (call, signal) =>
        JSON.stringify(call.stdin ?? null)?.length > 65536
          ? none('not-startable', false)
          : run(call, signal),
    ],
    [
      'makes strings of numbers',
      'only-strings-arrive',
      (run) => (call, signal) => {
        const env = Object.fromEntries(
          Object.entries(call.env).map(([key, value]) => [
            key,
            typeof value === 'number' ? `${value}` : value,
          ]),
        )
        return run({ ...call, env } as unknown as Invocation, signal)
      },
    ],
    [
      'makes a string of a list',
      'type-is-a-string',
      (run) => (call, signal) =>
        Array.isArray(call.type) && call.type[0] === 'x' ? answers.good : run(call, signal),
    ],
    [
      'throws over a path that is no list',
      'path-is-strings',
      (run) => async (call, signal) => {
        call.path.slice()
        return run(call, signal)
      },
    ],
    [
      'cuts variables at a NUL',
      'nul-never-arrives',
      (run) => (call, signal) => {
        const env = Object.fromEntries(
          Object.entries(call.env).map(([key, value]) => [
            key,
            typeof value === 'string' ? value.split('\0')[0] : value,
          ]),
        )
        return run({ ...call, env } as unknown as Invocation, signal)
      },
    ],
    [
      'starts a plugin without its stdin',
      'stdin-is-json',
      (run) => (call, signal) => run({ ...call, stdin: call.stdin ?? {} }, signal),
    ],
    [
      'changes the invocation',
      'not-mutated',
      (run) => (call, signal) => {
        if (!Object.isFrozen(call)) (call.stdin as Record<string, unknown>).touched = true
        return run(call, signal)
      },
    ],
    [
      'cannot stand a frozen invocation',
      'not-mutated',
      (run) => async (call, signal) => {
        if (Object.isFrozen(call.stdin)) return none('not-startable', false)
        return run(call, signal)
      },
    ],
    [
      'starts although the signal has fired',
      'aborted-before',
      (run) => (call, signal) => run(call, signal.aborted ? new AbortController().signal : signal),
    ],
    [
      'says started although it started nothing',
      'aborted-before',
      (run) => async (call, signal) => (signal.aborted ? none('aborted', true) : run(call, signal)),
    ],
    [
      'answers before the plugin has stopped',
      'aborted-during',
      (run) => (call, signal) =>
        Promise.race([
          new Promise((resolve) =>
            signal.addEventListener('abort', () => resolve(none('aborted', true))),
          ),
          run(call, call.type === 'hangs' ? new AbortController().signal : signal),
        ]),
    ],
    [
      'says not started of a plugin that it stopped',
      'aborted-during',
      (run) => async (call, signal) => {
        const answer = await run(call, signal)
        return call.type === 'hangs' ? none('aborted', false) : answer
      },
    ],
  ] as readonly (readonly [string, string, (run: Runner['run']) => Run])[]) {
    it(`finds a runner that ${title}: ${clause}`, async () => {
      const broken = await brokenBy(change)
      assert.ok(broken.includes(clause), `broken: ${broken.join(', ')}`)
    })
  }

  it('finds a runner that mixes two calls up: calls-at-once', async () => {
    let last: Invocation | undefined
    const broken = await brokenBy((run) => async (call, signal) => {
      last = call
      await Promise.resolve()
      return run(call.type === 'reports' ? (last ?? call) : call, signal)
    })
    assert.equal(broken, ['calls-at-once'])
  })

  it('finds a runner that stops every call when one is: abort-is-for-one', async () => {
    const all = new AbortController()
    const broken = await brokenBy((run) => (call, signal) => {
      if (call.type !== 'hangs') return run(call, signal)
      signal.addEventListener('abort', () => all.abort())
      return run(call, all.signal)
    })
    assert.ok(broken.includes('abort-is-for-one'), broken.join(', '))
  })
})

describe('a runner that cannot offer everything', (it) => {
  const make = async (): Promise<Subject> => ({
    runner: { run: async () => ({ kind: 'success', stdout: '' }) },
    path: [],
    plugins: { succeeds: { type: 'any', stdout: '' } },
  })
  const casesOf = (options: ContractOptions) => runnerContract(make, options)

  it('lists what does not apply, with the reason in the title, and checks nothing there', async () => {
    const cases = casesOf({ notApplicable: { hangs: 'one function', 'unknown-type': 'takes all' } })
    const listed = cases.filter(({ notApplicable }) => notApplicable !== undefined)
    assert.equal(
      listed.map(({ clause }) => clause),
      ['unknown-type', 'aborted-during', 'abort-is-for-one'],
    )
    assert.match(listed[0]?.title ?? '', '(not applicable: takes all)')
    for (const { run } of listed) await run()
  })

  it('is broken where a plugin is missing without a reason', async () => {
    const missing = casesOf({}).find(({ clause }) => clause === 'refusal-is-the-error')
    let message = ''
    await missing?.run().catch((thrown: Error) => {
      message = thrown.message
    })
    assert.match(message, /refusal-is-the-error: the subject offers no plugin refuses/)
  })

  it('gets a fresh subject for every case and disposes of it, however the case ends', async () => {
    let made = 0
    let disposed = 0
    const cases = runnerContract(async () => {
      made++
      const subject = await make()
      return {
        ...subject,
        dispose: async () => {
          disposed++
        },
      }
    })
    for (const { run } of cases) await run().catch(() => {})
    assert.is(made, clauseNames.length)
    assert.is(disposed, made)
  })
})
