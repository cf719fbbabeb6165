import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { validateNetwork as validateAsTask } from '../lib/fp.js'
import {
  type Answer,
  type Invocation,
  type JsonObject,
  type Network,
  type Runner,
  type Validated,
  validateNetwork,
} from '../lib/index.js'
import { briefly } from './plan/fixtures.js'
import { describe } from './suite.js'

const reply = (...supportedVersions: readonly string[]): Answer => ({
  kind: 'success',
  stdout: JSON.stringify({ cniVersion: '1.1.0', supportedVersions }),
})
const missing: Answer = {
  kind: 'none',
  reason: { kind: 'not-found', message: 'failed to find plugin "absent"', started: false },
}
const answers: Readonly<Record<string, Answer>> = {
  current: reply('0.4.0', '1.0.0'),
  older: { kind: 'success', stdout: '{"cniVersion":"0.2.0"}' },
  oldest: { kind: 'refused', error: { code: 4, msg: 'unknown CNI_COMMAND: VERSION' } },
  mute: { kind: 'success', stdout: '' },
  angry: { kind: 'refused', error: { code: 4, msg: 'no', details: 'never' } },
  slow: { kind: 'none', reason: { kind: 'timeout', message: 'too slow', started: true } },
  absent: missing,
}

const networkOf = (config: JsonObject, ...types: readonly string[]): Network => ({
  name: 'a',
  origin: { kind: 'file', file: '/d/a.conflist' },
  config: { name: 'a', plugins: types.map((type) => ({ type })), ...config },
})

const validate = async (network: Network): Promise<[Validated, readonly Invocation[]]> => {
  const calls: Invocation[] = []
  const run: Runner['run'] = async (invocation) => {
    calls.push(invocation)
    const answer = answers[invocation.type]
    if (answer === undefined) throw new Error('no such stub')
    return answer
  }
  return [await validateNetwork({ runner: { run } }, network, { path: ['/bin'] }), calls]
}
const problemsOf = (validated: Validated): string =>
  validated.ok ? '' : briefly(validated.problems)

describe('validating a network against its plugins (reference/cni.md 2.13)', (it) => {
  it('gives the capabilities that are declared with true, each once', async () => {
    const capabilities = { portMappings: true, mac: false }
    const plugins = [
      { type: 'current', capabilities },
      { type: 'current', capabilities: { ...capabilities, bandwidth: true } },
    ]
    const [validated] = await validate(networkOf({ cniVersion: '1.0.0', plugins }))
    assert.ok(validated.ok)
    assert.equal(validated.ok && validated.capabilities, ['portMappings', 'bandwidth'])
    assert.is(validated.plugins.length, 2)
  })

  it('asks each type once, with dummies in the variables, and nothing but VERSION', async () => {
    const [, calls] = await validate(
      networkOf({ cniVersion: '1.0.0' }, 'current', 'older', 'current'),
    )
    assert.equal(
      calls.map(({ type, verb, env, path }) => [type, verb, env.CNI_NETNS, path]),
      [
        ['current', 'VERSION', 'dummy', ['/bin']],
        ['older', 'VERSION', 'dummy', ['/bin']],
      ],
    )
  })

  it('gathers all errors: an old plugin, one without an answer, one that is missing', async () => {
    const types = [
      'current',
      'older',
      'oldest',
      'mute',
      'angry',
      'slow',
      'absent',
      'thrower',
      'a/b',
    ]
    const [validated, calls] = await validate(networkOf({ cniVersion: '1.0.0' }, ...types))
    const at = (index: number) => `/d/a.conflist#/plugins/${index}/type`
    assert.is(
      problemsOf(validated),
      [
        `unsupported-version ${at(1)}`,
        `unsupported-version ${at(2)}`,
        `no-version-reply ${at(3)}`,
        `no-version-reply ${at(4)}`,
        `no-version-reply ${at(5)}`,
        `missing-plugin ${at(6)}`,
        `no-version-reply ${at(7)}`,
        `bad-configuration ${at(8)}`,
      ].join(', '),
    )
    assert.equal(
      validated.ok ? [] : validated.problems.slice(0, 4).map(({ message }) => message.slice(0, 52)),
      [
        'plugin older does not support config version "1.0.0"',
        'plugin oldest does not support config version "1.0.0',
        'plugin mute: decoding version info: not valid JSON: ',
        'plugin angry: no; never',
      ],
    )
    assert.is(calls.length, 8)
  })

  it('takes a list without a version for 0.1.0, and compares texts, not numbers', async () => {
    const [bare] = await validate(networkOf({}, 'older', 'oldest'))
    assert.equal([bare.ok, bare.cniVersion], [true, '0.1.0'])
    const [short] = await validate(networkOf({ cniVersion: '1.0' }, 'current'))
    assert.is(
      problemsOf(short),
      'unsupported-version /d/a.conflist#/cniVersion, unsupported-version /d/a.conflist#/plugins/0/type',
    )
  })

  it('refuses a name that libcni finds out about at ADD alone (X-09)', async () => {
    const [validated] = await validate({
      ...networkOf({ cniVersion: '1.0.0' }, 'current'),
      name: '../a',
    })
    assert.is(problemsOf(validated), 'bad-network-name /d/a.conflist#/name')
  })

  it('is a TaskEither in metacni/fp', async () => {
    const run: Runner['run'] = async () => reply('1.0.0')
    const of = (cniVersion: string) =>
      validateAsTask({ runner: { run } }, networkOf({ cniVersion }, 'x'), { path: [] })()
    assert.ok(isRight(await of('1.0.0')))
    assert.ok(isLeft(await of('0.4.0')))
  })
})
