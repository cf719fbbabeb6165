import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { PluginResponse } from '../lib/cni/plugin-response.js'
import type { AnyResult } from '../lib/cni/result.js'
import { knownVersions } from '../lib/cni/version.js'
import {
  definePlugin,
  type PluginHandlers,
  type PluginRequest,
  type PluginWorld,
  toReply,
} from '../lib/plugin.js'
import { describe } from './suite.js'

type Env = Readonly<Record<string, string | undefined>>

const verbs = ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS'] as const
const complete: Env = {
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/run/netns/c1',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=ns;K8S_POD_NAME=pod',
  CNI_PATH: '/opt/cni/bin:/usr/lib/cni',
}
const good = '{"cniVersion":"1.1.0","name":"a","type":"t"}'
const address: AnyResult = { cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] }

/** What a plugin answers to an environment and a stdin, and which requests its handlers saw. */
const ask = async (
  env: Env,
  stdin: string = good,
  handlers: Partial<PluginHandlers> = {},
  world: Partial<PluginWorld> = {},
) => {
  const requests: PluginRequest[] = []
  const reads: string[] = []
  const note = async (request: PluginRequest) => {
    requests.push(request)
    return { ok: true, value: undefined } as const
  }
  const plugin = definePlugin({
    add: async (request) => {
      await note(request)
      return { ok: true, value: address }
    },
    del: note,
    check: note,
    gc: note,
    status: note,
    ...handlers,
  })
  const response = await plugin.respond({
    env,
    readStdin: async (verb) => {
      reads.push(verb)
      return { ok: true, value: stdin }
    },
    isOwnNamespace: () => false,
    signal: new AbortController().signal,
    ...world,
  })
  return { ...response, requests, reads }
}

/** The error object on stdout, whose place and form are checked on the way. */
const errorOf = ({ stdout, stderr, exitCode }: PluginResponse) => {
  assert.is(exitCode, 1, stdout)
  assert.is(stderr, '')
  assert.match(stdout, /^\{.*\}\n$/)
  const { cniVersion, code, msg, details, ...others } = JSON.parse(stdout)
  assert.equal(others, {})
  assert.type(cniVersion, 'string')
  assert.ok(typeof msg === 'string' && msg !== '')
  return { cniVersion, code, msg, details } as {
    cniVersion: string
    code: number
    msg: string
    details?: string
  }
}
const refusal = async (...input: Parameters<typeof ask>): Promise<string> => {
  const answer = await ask(...input)
  assert.equal(answer.requests, [])
  const { code, msg } = errorOf(answer)
  return `${code} ${msg}`
}
const missing = (...names: readonly string[]): string =>
  `4 required env variables [${names.join(',')}] missing`
const without = (env: Env, ...names: readonly string[]): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)))

describe('the environment (reference/cni.md 1.1)', (it) => {
  const required: Readonly<Record<string, readonly string[]>> = {
    ADD: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
    DEL: ['CNI_CONTAINERID', 'CNI_IFNAME'],
    CHECK: ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'],
    GC: ['CNI_PATH'],
    STATUS: [],
    VERSION: [],
  }
  for (const [verb, names] of Object.entries(required)) {
    const title = `1.1: ${verb} requires CNI_COMMAND${names.map((name) => `, ${name}`).join('')} and no more`
    it(title, async () => {
      const needed = Object.fromEntries(names.map((name) => [name, complete[name]]))
      assert.is((await ask({ ...needed, CNI_COMMAND: verb })).exitCode, 0)
      for (const name of names) {
        for (const absent of [undefined, '']) {
          const env = { ...complete, CNI_COMMAND: verb, [name]: absent }
          assert.is(await refusal(env), missing(name))
        }
      }
    })
  }

  it('1.1: hands the handler what the variables say, and the pod that CNI_ARGS names', async () => {
    const { requests } = await ask({ ...complete, CNI_COMMAND: 'ADD', CNI_NETNS_OVERRIDE: 'true' })
    assert.equal(requests, [
      {
        verb: 'ADD',
        containerId: 'c1',
        netns: '/run/netns/c1',
        ifname: 'eth0',
        args: complete.CNI_ARGS,
        path: ['/opt/cni/bin', '/usr/lib/cni'],
        netnsOverride: true,
        name: 'a',
        cniVersion: '1.1.0',
        config: JSON.parse(good),
        text: good,
        pod: { namespace: 'ns', name: 'pod' },
      },
    ] as unknown as PluginRequest[])
  })

  it('1.8: CNI_ARGS is for the handler: here it may be anything, and then names no pod', async () => {
    for (const args of [undefined, '', 'a', 'a=b=c', ';', 'IgnoreUnknown=1;']) {
      const { requests } = await ask({ ...complete, CNI_COMMAND: 'ADD', CNI_ARGS: args })
      assert.is(requests[0]?.args, args ?? '')
      assert.equal(requests[0]?.pod, { namespace: '', name: '' })
    }
  })

  for (const verb of ['ADD', 'DEL', 'CHECK']) {
    it(`1.1, 1.2: ${verb} refuses container ids and interface names that are none, with code 4: it names the variable (S-091)`, async () => {
      const env = { ...complete, CNI_COMMAND: verb }
      for (const id of ['../x', '-a', '_a', '.a', 'a/b', 'a b', 'é', 'a\n']) {
        const answer = await ask({ ...env, CNI_CONTAINERID: id })
        const { code, msg, details } = errorOf(answer)
        const named = `invalid characters in containerID (CNI_CONTAINERID is ${JSON.stringify(id)})`
        assert.equal([code, msg, details], [4, named, id])
        assert.equal(answer.requests, [])
      }
      for (const [ifname, msg] of [
        ['.', 'interface name is . or ..'],
        ['..', 'interface name is . or ..'],
        ['a/b', 'interface name contains / or :'],
        ['a:b', 'interface name contains / or :'],
        ['a b', 'interface name contains whitespace characters'],
        ['a\u0085', 'interface name contains whitespace characters'],
        ['é'.repeat(8), 'interface name is too long'],
      ]) {
        const named = `4 ${msg} (CNI_IFNAME is ${JSON.stringify(ifname).replace('\u0085', '\\u0085')})`
        assert.is(await refusal({ ...env, CNI_IFNAME: ifname }), named)
      }
      assert.is((await ask({ ...env, CNI_IFNAME: 'é'.repeat(7) })).exitCode, 0)
      assert.is((await ask({ ...env, CNI_CONTAINERID: 'a'.repeat(1000) })).exitCode, 0)
    })
  }

  for (const verb of ['GC', 'STATUS', 'VERSION']) {
    it(`1.1: ${verb} does not look at container id and interface name`, async () => {
      const env = { ...complete, CNI_COMMAND: verb, CNI_CONTAINERID: '../x', CNI_IFNAME: '/' }
      assert.is((await ask(env)).exitCode, 0)
    })
  }

  it('1.2: only a name that is too long has details', async () => {
    const env = { ...complete, CNI_COMMAND: 'ADD' }
    const long = errorOf(await ask({ ...env, CNI_IFNAME: 'x'.repeat(16) }))
    assert.is(long.details, 'interface name should be less than 16 characters')
    assert.is(errorOf(await ask({ ...env, CNI_IFNAME: '.' })).details, undefined)
  })
})

describe('which error wins (reference/cni.md 1.3)', (it) => {
  it('1.3 step 2: all that is missing, in the order of the walk, in one error', async () => {
    for (const [verb, names] of [
      ['ADD', ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME']],
      ['CHECK', ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME']],
      ['DEL', ['CNI_CONTAINERID', 'CNI_IFNAME']],
      ['GC', ['CNI_PATH']],
    ] as const) {
      assert.is(await refusal({ CNI_COMMAND: verb }), missing(...names))
    }
    assert.is(await refusal({}), missing('CNI_COMMAND'))
    assert.is(await refusal({ ...complete, CNI_COMMAND: '' }), missing('CNI_COMMAND'))
  })

  it('1.3 step 1: the first invalid value wins over what is missing, before it or after it', async () => {
    assert.is(
      await refusal({ CNI_COMMAND: 'ADD', CNI_IFNAME: 'a/b' }),
      '4 interface name contains / or : (CNI_IFNAME is "a/b")',
    )
    assert.is(
      await refusal({ CNI_COMMAND: 'ADD', CNI_CONTAINERID: '../x' }),
      '4 invalid characters in containerID (CNI_CONTAINERID is "../x")',
    )
    assert.is(
      await refusal({ ...complete, CNI_COMMAND: 'ADD', CNI_CONTAINERID: '/', CNI_IFNAME: '/' }),
      '4 invalid characters in containerID (CNI_CONTAINERID is "/")',
    )
  })

  it('1.3 step 3: the environment is judged before stdin is read', async () => {
    const { reads } = await ask({ CNI_COMMAND: 'ADD' }, 'junk')
    assert.equal(reads, [])
  })

  it('1.3 step 3: stdin that cannot be read is code 5', async () => {
    const unreadable = { readStdin: async () => ({ ok: false, message: 'EBADF' }) as const }
    const answer = await refusal({ ...complete, CNI_COMMAND: 'ADD' }, good, {}, unreadable)
    assert.is(answer, '5 error reading from stdin: EBADF')
  })

  const undecodable: Readonly<Record<string, string>> = {
    'empty input': '',
    'white space alone': ' \n',
    'no JSON': '{',
    'a byte order mark': `\ufeff${good}`,
    'bytes after the value': `${good}x`,
    'two values': `${good}${good}`,
    'a list': '[]',
    'a text': '"a"',
    'a name that is no text': '{"name":7}',
    '4 MiB of brackets': '['.repeat(4 * 1024 * 1024),
    'more than 4 MiB': `{"name":"a","x":"${'y'.repeat(4 * 1024 * 1024)}"}`,
    '65 levels': `{"name":"a","x":${'['.repeat(64)}${']'.repeat(64)}}`,
  }
  for (const [what, stdin] of Object.entries(undecodable)) {
    it(`1.3 step 4: ${what} on stdin is code 6 for every verb but VERSION, also for an unknown one`, async () => {
      for (const verb of [...verbs, 'NOPE', 'add']) {
        assert.match(
          await refusal({ ...complete, CNI_COMMAND: verb }, stdin),
          /^6 error unmarshall network config: ./,
        )
      }
    })
  }

  it('1.3 step 5: a missing or empty name is code 7, for every verb but VERSION', async () => {
    for (const verb of [...verbs, 'NOPE']) {
      for (const stdin of ['{}', '{"name":""}', '{"name":null}', '{"Name":"a"}', 'null']) {
        assert.is(
          await refusal({ ...complete, CNI_COMMAND: verb }, stdin),
          '7 missing network name',
          stdin,
        )
      }
    }
  })

  it('1.3 step 5: a name with other characters is code 7, with the name in the details', async () => {
    for (const verb of [...verbs, 'NOPE']) {
      for (const name of ['../etc', 'te%%st', '-a', 'a b', '/', 'é']) {
        const answer = await ask({ ...complete, CNI_COMMAND: verb }, JSON.stringify({ name }))
        const { code, msg, details } = errorOf(answer)
        assert.equal([code, msg, details], [7, 'invalid characters found in network name', name])
      }
    }
  })

  it('1.3 step 6: an unknown verb is told after stdin; it needs no variable; verbs are upper case', async () => {
    for (const verb of ['NOPE', 'add', 'Add', ' ADD', 'GET', '__proto__', 'constructor']) {
      assert.is(await refusal({ CNI_COMMAND: verb }), `4 unknown CNI_COMMAND: ${verb}`)
      assert.is(
        await refusal({ CNI_COMMAND: verb }, '{"name":"a","cniVersion":7}'),
        `4 unknown CNI_COMMAND: ${verb}`,
      )
    }
  })

  it('1.3: started by hand it tells about itself on stderr, and exits with 0', async () => {
    const about = { about: 'the best of plugins', versions: ['0.4.0', '1.0.0'] } as const
    for (const env of [{}, { CNI_COMMAND: '' }, { ...complete, CNI_CONTAINERID: '/' }]) {
      const { stdout, stderr, exitCode, reads } = await ask(env, 'junk', about)
      assert.equal([stdout, exitCode, reads], ['', 0, []])
      assert.is(stderr, 'the best of plugins\nCNI protocol versions supported: 0.4.0, 1.0.0\n')
    }
    assert.is(await refusal({}, good, { about: '' }), missing('CNI_COMMAND'))
    assert.is(
      await refusal({ CNI_COMMAND: 'GC' }, good, about),
      missing('CNI_PATH'),
      'with a verb it is a request',
    )
  })
})

describe('cniVersion (reference/cni.md 1.4)', (it) => {
  const versioned = (cniVersion: unknown): string => JSON.stringify({ cniVersion, name: 'a' })
  const supported = ['0.1.0', '0.4.0', '1.0.0'] as const
  const listed = '["0.1.0" "0.4.0" "1.0.0"]'
  const incompatible = (version: string): string =>
    `1 incompatible CNI versions; config is "${version}", plugin supports ${listed}`
  const tooOld = (version: string, verb: string, since: string): string =>
    `1 config version does not allow ${verb}; config is "${version}", ${verb} exists since ${since}`
  const tooNew = (version: string, verb: string): string =>
    `1 plugin version does not allow ${verb}; config is "${version}", plugin supports ${listed}`
  const verdict = async (verb: string, stdin: string): Promise<string> => {
    const answer = await ask({ ...complete, CNI_COMMAND: verb }, stdin, { versions: supported })
    if (answer.exitCode === 0) return 'served'
    const { code, msg, details } = errorOf(answer)
    return details === undefined ? `${code} ${msg}` : `${code} ${msg}; ${details}`
  }
  const table: readonly (readonly [verb: string, version: string, verdict: string])[] = [
    ['ADD', '1.0.0', 'served'],
    ['ADD', '0.1.0', 'served'],
    ['ADD', '1.0', incompatible('1.0')],
    ['ADD', '0.4', incompatible('0.4')],
    ['ADD', '01.0.0', incompatible('01.0.0')],
    ['ADD', '0.3.1', incompatible('0.3.1')],
    ['ADD', '0.9.0', incompatible('0.9.0')],
    ['ADD', '2.0.0', incompatible('2.0.0')],
    ['ADD', 'junk', incompatible('junk')],
    ['DEL', '1.0.0', 'served'],
    ['DEL', '0.3.1', incompatible('0.3.1')],
    ['DEL', 'junk', incompatible('junk')],
    ['CHECK', '0.4.0', 'served'],
    ['CHECK', '1.0.0', 'served'],
    ['CHECK', '0.1.0', tooOld('0.1.0', 'CHECK', '0.4.0')],
    ['CHECK', '0.3.1', tooOld('0.3.1', 'CHECK', '0.4.0')],
    ['CHECK', '0.9.0', incompatible('0.9.0')],
    ['CHECK', '0.4', incompatible('0.4')],
    ['CHECK', '2.0.0', tooNew('2.0.0', 'CHECK')],
    ['CHECK', 'junk', '6 "junk" is not a version'],
    ['GC', '1.0.0', tooOld('1.0.0', 'GC', '1.1.0')],
    ['GC', '1.1.0', tooNew('1.1.0', 'GC')],
    ['GC', 'junk', '6 "junk" is not a version'],
    ['STATUS', '1.0.0', tooOld('1.0.0', 'STATUS', '1.1.0')],
    ['STATUS', '1.1.0', tooNew('1.1.0', 'STATUS')],
    ['STATUS', '1.2.3.4', '6 "1.2.3.4" is not a version'],
  ]
  for (const [verb, version, expected] of table) {
    it(`1.4: ${verb} in ${version} with a plugin of ${supported.join(', ')}: ${expected}`, async () => {
      assert.is(await verdict(verb, versioned(version)), expected)
    })
  }

  it('1.4: an absent, empty or null version is 0.1.0', async () => {
    for (const stdin of ['{"name":"a"}', versioned(''), versioned(null)]) {
      assert.is(await verdict('ADD', stdin), 'served', stdin)
      assert.is(await verdict('CHECK', stdin), tooOld('0.1.0', 'CHECK', '0.4.0'), stdin)
      const { requests } = await ask({ ...complete, CNI_COMMAND: 'ADD' }, stdin)
      assert.is(requests[0]?.cniVersion, '0.1.0')
    }
  })

  it('1.4: a version that is no text is code 6, for every verb', async () => {
    for (const verb of verbs) {
      for (const version of [1, true, [], {}]) {
        assert.match(
          await refusal({ ...complete, CNI_COMMAND: verb }, versioned(version)),
          /^6 decoding version from network config: /,
        )
      }
    }
  })

  it('1.4: without a word about versions a plugin serves every one that was released', async () => {
    for (const version of knownVersions) {
      const { exitCode } = await ask({ ...complete, CNI_COMMAND: 'ADD' }, versioned(version))
      assert.is(exitCode, 0, version)
    }
  })

  it('1.4: a supported version that is none, met before a hit, is code 6', async () => {
    const handlers = { versions: ['junk', '1.1.0'] as const }
    assert.is(
      await refusal({ ...complete, CNI_COMMAND: 'GC' }, good, handlers),
      '6 "junk" is not a version',
    )
    const after = { versions: ['1.1.0', 'junk'] as const }
    assert.is((await ask({ ...complete, CNI_COMMAND: 'GC' }, good, after)).exitCode, 0)
  })

  it('1.4: the result is printed in the version of the configuration', async () => {
    const printed = async (version: string) =>
      JSON.parse((await ask({ ...complete, CNI_COMMAND: 'ADD' }, versioned(version))).stdout)
    for (const version of ['', '0.1.0', '0.2.0']) {
      const expected = { cniVersion: version || '0.1.0', ip4: { ip: '10.0.0.2/24' }, dns: {} }
      assert.equal(await printed(version), expected)
    }
    for (const version of ['0.3.0', '0.3.1', '0.4.0']) {
      const ips = [{ version: '4', address: '10.0.0.2/24' }]
      assert.equal(await printed(version), { cniVersion: version, ips, dns: {} })
    }
    for (const version of ['1.0.0', '1.1.0']) {
      assert.equal(await printed(version), { ...address, cniVersion: version })
    }
  })

  it('1.4: a result that the version cannot express is code 999', async () => {
    const add = async () => ({ ok: true, value: { cniVersion: '1.0.0' } }) as const
    assert.is(
      await refusal({ ...complete, CNI_COMMAND: 'ADD' }, versioned('0.2.0'), { add }),
      '999 cannot convert: no valid IP addresses',
    )
  })

  it('1.4: a plugin that supports a version that was never released fails at the conversion: code 999', async () => {
    const handlers = { versions: ['2.0.0'] as const }
    assert.is(
      await ask({ ...complete, CNI_COMMAND: 'ADD' }, versioned('2.0.0'), handlers).then(
        (answer) => {
          const { code, msg } = errorOf(answer)
          return `${code} ${msg}`
        },
      ),
      '999 no converter for CNI result version 1.1.0 to 2.0.0',
    )
  })

  it('1.4: says which verbs it handles, since a runtime cannot tell (X-23)', () => {
    const done = async () => ({ ok: true, value: undefined }) as const
    const add = async () => ({ ok: true, value: address }) as const
    assert.equal(definePlugin({ add, del: done }).verbs, ['ADD', 'DEL', 'VERSION'])
    assert.equal(definePlugin({ add, del: done, status: done, gc: done, check: done }).verbs, [
      'ADD',
      'DEL',
      'CHECK',
      'GC',
      'STATUS',
      'VERSION',
    ])
  })

  it('1.4: a verb that a plugin does not handle succeeds without a word (X-23)', async () => {
    const plugin = definePlugin({
      add: async () => ({ ok: true, value: address }),
      del: async () => ({ ok: true, value: undefined }),
    })
    for (const verb of ['CHECK', 'GC', 'STATUS']) {
      const response = await plugin.respond({
        env: { ...complete, CNI_COMMAND: verb },
        readStdin: async () => ({ ok: true, value: good }),
        isOwnNamespace: () => false,
        signal: new AbortController().signal,
      })
      assert.equal(response, { stdout: '', stderr: '', exitCode: 0 })
    }
  })
})

describe('VERSION (reference/cni.md 1.5)', (it) => {
  it('1.5: one line of JSON; the version of stdin is echoed (S-059, X-05)', async () => {
    const { stdout, stderr, exitCode } = await ask(
      { CNI_COMMAND: 'VERSION' },
      '{"cniVersion":"0.4.0"}',
    )
    assert.equal([stderr, exitCode], ['', 0])
    assert.is(
      stdout,
      '{"cniVersion":"0.4.0","supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\n',
    )
  })

  it("1.5: lists the plugin's own versions", async () => {
    const { stdout } = await ask({ CNI_COMMAND: 'VERSION' }, '', { versions: ['1.0.0'] })
    assert.equal(JSON.parse(stdout), { cniVersion: '1.1.0', supportedVersions: ['1.0.0'] })
  })

  it('1.5: a plugin without versions answers nothing but code 999: Go refuses to make one', async () => {
    const none = { versions: [] as unknown as readonly [string], about: 'about' }
    for (const env of [{ CNI_COMMAND: 'VERSION' }, { ...complete, CNI_COMMAND: 'ADD' }, {}]) {
      assert.is(await refusal(env, good, none), '999 the plugin supports no version')
    }
  })

  it('1.3 step 3: whatever stdin is, it is no error; without a version the newest is named', async () => {
    const unread = { readStdin: async () => ({ ok: false, message: 'EIO' }) as const }
    for (const stdin of ['', 'junk', '[]', '{"cniVersion":7}', '{"cniVersion":"junk"}', 'null']) {
      const { stdout, exitCode } = await ask({ CNI_COMMAND: 'VERSION' }, stdin)
      assert.equal([JSON.parse(stdout).cniVersion, exitCode], ['1.1.0', 0], stdin)
    }
    const { stdout } = await ask({ CNI_COMMAND: 'VERSION' }, '', {}, unread)
    assert.is(JSON.parse(stdout).cniVersion, '1.1.0')
  })
})

describe('errors (reference/cni.md 1.6)', (it) => {
  const failing = async (add: PluginHandlers['add'], stdin = good) =>
    errorOf(await ask({ ...complete, CNI_COMMAND: 'ADD' }, stdin, { add }))
  const throwing = (error: unknown) => async (): Promise<never> => {
    throw error
  }

  it("1.6: a handler's own error passes with its own code; details only where there are any", async () => {
    for (const [error, expected] of [
      [
        { code: 1234, msg: 'no 100%s luck', details: 'd' },
        { code: 1234, msg: 'no 100%s luck', details: 'd' },
      ],
      [
        { code: 0, msg: 'm', details: '' },
        { code: 0, msg: 'm', details: undefined },
      ],
      [
        { code: 3, msg: 'm' },
        { code: 3, msg: 'm', details: undefined },
      ],
    ] as const) {
      const printed = await failing(async () => ({ ok: false, error }))
      assert.equal(printed, { cniVersion: '1.1.0', ...expected })
    }
  })

  it('1.6: every code of the table, and those of plugins, pass; the exit code is 1, never the code', async () => {
    for (const code of [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 49, 50, 51, 52, 99, 100, 999, 4096,
    ]) {
      const printed = await failing(async () => ({ ok: false, error: { code, msg: 'm' } }))
      assert.is(printed.code, code)
    }
  })

  it('1.6: an error that is none gets code 999 and some words: the code is a natural number', async () => {
    const table: readonly (readonly [error: unknown, code: number, msg: string])[] = [
      [{ code: -1, msg: 'm' }, 999, 'm'],
      [{ code: 1.5, msg: 'm' }, 999, 'm'],
      [{ code: Number.NaN, msg: 'm' }, 999, 'm'],
      [{ code: '7', msg: 'm' }, 999, 'm'],
      [{ code: 7, msg: '' }, 7, 'failed without a message'],
      [{ code: 7 }, 7, 'failed without a message'],
      [{ code: 7, msg: 7, details: 8 }, 7, 'failed without a message'],
      [{}, 999, 'failed without a message'],
      [undefined, 999, 'undefined'],
      ['boom', 999, '"boom"'],
      [null, 999, 'null'],
    ]
    for (const [error, code, msg] of table) {
      const printed = await failing(async () => ({ ok: false, error: error as never }))
      assert.equal([printed.code, printed.msg, printed.details], [code, msg, undefined])
    }
  })

  it('1.6: the object has the cniVersion of the request (S-091, X-06)', async () => {
    const add = async () => ({ ok: false, error: { code: 7, msg: 'm' } }) as const
    const table: readonly (readonly [stdin: string, version: string])[] = [
      ['{"name":"a","cniVersion":"0.4.0"}', '0.4.0'],
      ['{"name":"a"}', '0.1.0'],
      ['{"name":"a","cniVersion":""}', '0.1.0'],
      ['{"name":"","cniVersion":"1.0.0"}', '1.0.0'],
      ['{"name":"/"}', '0.1.0'],
      ['{"name":"a","cniVersion":"2.0.0"}', '2.0.0'],
    ]
    for (const [stdin, version] of table) {
      assert.is((await failing(add, stdin)).cniVersion, version, stdin)
    }
    assert.is(errorOf(await ask({ CNI_COMMAND: 'ADD' })).cniVersion, '1.1.0')
  })

  it('1.6: every verb can fail, by its own handler', async () => {
    const fail = (code: number) => async () =>
      ({ ok: false, error: { code, msg: 'not now' } }) as const
    const handlers = { add: fail(1), del: fail(2), check: fail(3), gc: fail(50), status: fail(51) }
    for (const [verb, code] of [
      ['ADD', 1],
      ['DEL', 2],
      ['CHECK', 3],
      ['GC', 50],
      ['STATUS', 51],
    ] as const) {
      const answer = await ask({ ...complete, CNI_COMMAND: verb }, good, handlers)
      assert.is(errorOf(answer).code, code, verb)
    }
  })

  it('1.6: what a handler throws is code 999 with its text, in the version of the request', async () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    const table: readonly (readonly [thrown: unknown, msg: string])[] = [
      [new Error('boom'), 'boom'],
      [new Error(''), 'internal error'],
      ['boom', 'boom'],
      [undefined, 'undefined'],
      [{ a: 1 }, '{"a":1}'],
      [Object.create(null), '{}'],
      [cycle, 'object'],
      [1n, 'bigint'],
      [Object.assign(new Error('x'), { message: { a: 1 } }), '{"a":1}'],
    ]
    for (const [thrown, msg] of table) {
      const stdin = '{"name":"a","cniVersion":"0.4.0"}'
      const printed = await failing(throwing(thrown), stdin)
      assert.equal(printed, { cniVersion: '0.4.0', code: 999, msg, details: undefined })
    }
  })

  const saying = (value: unknown, stdin?: string) =>
    failing(async () => ({ ok: true, value: value as never }), stdin)

  it('1.4, 2.5: a result is checked before it is printed: what is none is code 6, and its value is named', async () => {
    const cniVersion = '1.1.0'
    const table: readonly (readonly [value: unknown, msg: string, details?: string])[] = [
      [undefined, 'invalid result: expected an object, got undefined'],
      [null, 'invalid result: expected an object, got null'],
      [7, 'invalid result: expected an object, got 7'],
      ['a', 'invalid result: expected an object, got "a"'],
      [[], 'invalid result: expected an object, got []'],
      [{}, 'invalid result: expected a "cniVersion", got {}'],
      [{ cniVersion: '' }, 'invalid result: expected a "cniVersion", got {"cniVersion":""}'],
      [{ cniVersion: 7 }, 'invalid result: expected a "cniVersion", got {"cniVersion":7}'],
      [
        { ips: [{ address: '10.0.0.2/24' }] },
        'invalid result: expected a "cniVersion", got {"ips":[{"address":"10.0.0.2/24"}]}',
      ],
      [{ ip4: 1n }, 'invalid result: expected a "cniVersion", got object'],
      [
        { cniVersion, ips: 'rubbish' },
        'invalid result: expected Array<ResultAddress>, got "rubbish"',
        'result#/ips',
      ],
      [
        { cniVersion, ips: [{ address: 'not-an-ip' }] },
        'invalid CIDR address: not-an-ip',
        'result#/ips/0/address',
      ],
      [
        { cniVersion, ips: [{}] },
        'invalid result: expected CIDR, got undefined',
        'result#/ips/0/address',
      ],
      [
        { cniVersion, ips: [null] },
        'invalid result: expected ResultAddress, got null',
        'result#/ips/0',
      ],
      [
        { cniVersion: '0.2.0', ip4: { ip: '10.0.0.2' } },
        'invalid CIDR address: 10.0.0.2',
        'result#/ip4/ip',
      ],
    ]
    for (const [value, msg, details] of table) {
      assert.equal(await saying(value), { cniVersion, code: 6, msg, details })
    }
    // Also where nothing is converted, and where everything is.
    for (const version of knownVersions) {
      const wrong = { cniVersion, ips: [{ address: 'not-an-ip' }] }
      const { code, msg } = await saying(wrong, `{"cniVersion":"${version}","name":"a"}`)
      assert.equal([code, msg], [6, 'invalid CIDR address: not-an-ip'], version)
    }
  })

  it('1.4: a result of a version that was never released is code 999, as for the public convertResult', async () => {
    const { code, msg } = await saying({ cniVersion: '9.9.9', ips: 7 })
    assert.equal([code, msg], [999, 'no converter for CNI result version 9.9.9 to 1.1.0'])
  })

  it('X-14: what a result holds beside is printed as it is', async () => {
    const value = {
      ...address,
      acme: { a: [null, 1] },
      interfaces: [{ name: 'eth0', acme: 'b' }],
    }
    const add = async () => ({ ok: true, value }) as const
    const { stdout } = await ask({ ...complete, CNI_COMMAND: 'ADD' }, good, { add })
    assert.equal(JSON.parse(stdout), value)
  })

  it('1.6: a handler that returns no reply is code 999: nobody knows whether it has done its work', async () => {
    for (const [reply, shown] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [true, 'true'],
      [{}, '{}'],
      [{ ok: 'yes' }, '{"ok":"yes"}'],
      [address, JSON.stringify(address)],
    ] as const) {
      for (const verb of verbs) {
        const handlers = { [verb.toLowerCase()]: async () => reply as never }
        const printed = errorOf(await ask({ ...complete, CNI_COMMAND: verb }, good, handlers))
        const msg = `the ${verb} handler returned ${shown}, neither { ok: true, value } nor { ok: false, error }`
        assert.equal([printed.code, printed.msg], [999, msg])
      }
    }
  })

  it('1.6: a plugin without an ADD handler, which types forbid, is code 999: ADD has a result', async () => {
    const { code, msg } = await failing(undefined as never)
    assert.equal([code, msg], [999, 'the plugin has no ADD handler'])
  })

  it('1.6: handlers may be the methods of an object', async () => {
    const handlers = {
      address,
      async add() {
        return { ok: true, value: this.address } as const
      },
      async del() {
        return {
          ok: false,
          error: { code: 100, msg: Object.keys(this.address).join(' ') },
        } as const
      },
    }
    const plugin = definePlugin(handlers)
    const respond = (verb: string) =>
      plugin.respond({
        env: { ...complete, CNI_COMMAND: verb },
        readStdin: async () => ({ ok: true, value: good }),
        isOwnNamespace: () => false,
        signal: new AbortController().signal,
      })
    assert.equal(JSON.parse((await respond('ADD')).stdout), address)
    assert.is(errorOf(await respond('DEL')).msg, 'cniVersion ips')
  })

  it('1.6: an Error in the place of a CNI error keeps its text, and its code where it is one', async () => {
    const coded = (code: unknown) => Object.assign(new Error('boom'), { code })
    for (const [error, code, msg] of [
      [new Error('boom'), 999, 'boom'],
      [new TypeError(''), 999, 'failed without a message'],
      [coded('ENOENT'), 999, 'boom'],
      [coded(7), 7, 'boom'],
      [{ code: 7, message: 'boom' }, 7, 'boom'],
      [Object.assign(new Error('not this'), { code: 7, msg: 'this' }), 7, 'this'],
    ] as const) {
      const printed = await failing(async () => ({ ok: false, error: error as never }))
      assert.equal([printed.code, printed.msg, printed.details], [code, msg, undefined])
    }
  })

  it('1.6: a world that throws is code 999', async () => {
    const worlds: readonly Partial<PluginWorld>[] = [
      { readStdin: throwing(new Error('boom')) },
      {
        isOwnNamespace: () => {
          throw new Error('boom')
        },
      },
      {
        get env(): Env {
          throw new Error('boom')
        },
      },
    ]
    for (const [index, world] of worlds.entries()) {
      const plugin = definePlugin({
        add: async () => ({ ok: true, value: address }),
        del: async () => ({ ok: true, value: undefined }),
      })
      const whole = {
        env: { ...complete, CNI_COMMAND: 'ADD' },
        readStdin: async () => ({ ok: true, value: good }) as const,
        isOwnNamespace: () => false,
        signal: new AbortController().signal,
      }
      const defined = Object.defineProperties(whole, Object.getOwnPropertyDescriptors(world))
      const printed = errorOf(await plugin.respond(defined))
      assert.equal([printed.code, printed.msg], [999, 'boom'], String(index))
    }
  })

  it('1.9: DEL, CHECK, GC and STATUS print nothing when they succeed', async () => {
    for (const verb of ['DEL', 'CHECK', 'GC', 'STATUS']) {
      const { stdout, stderr, exitCode, requests } = await ask({ ...complete, CNI_COMMAND: verb })
      assert.equal([stdout, stderr, exitCode, requests.length], ['', '', 0, 1], verb)
      assert.is(requests[0]?.verb, verb)
    }
  })
})

describe('the network namespace (reference/cni.md 1.7, X-08)', (it) => {
  const own = { isOwnNamespace: (path: string) => path === '/run/netns/c1' }
  const same = "8 plugin's netns and netns from CNI_NETNS should not be the same"

  for (const verb of ['ADD', 'DEL']) {
    it(`1.7: ${verb} in the plugin's own namespace is code 8, before any handler runs`, async () => {
      assert.is(await refusal({ ...complete, CNI_COMMAND: verb }, good, {}, own), same)
    })

    it(`1.7: CNI_NETNS_OVERRIDE lets ${verb} go on: 1, or true in any case`, async () => {
      for (const [override, passes] of [
        ['1', true],
        ['true', true],
        ['TRUE', true],
        ['tRuE', true],
        ['0', false],
        ['', false],
        ['yes', false],
        ['01', false],
        [' true', false],
      ] as const) {
        const env = { ...complete, CNI_COMMAND: verb, CNI_NETNS_OVERRIDE: override }
        const { exitCode } = await ask(env, good, {}, own)
        assert.is(exitCode, passes ? 0 : 1, override)
      }
    })
  }

  it('1.7: CHECK, GC and STATUS do not look', async () => {
    for (const verb of ['CHECK', 'GC', 'STATUS']) {
      const { exitCode } = await ask({ ...complete, CNI_COMMAND: verb }, good, {}, own)
      assert.is(exitCode, 0, verb)
    }
  })

  it('1.7: a DEL without a namespace passes', async () => {
    const { exitCode } = await ask(
      without({ ...complete, CNI_COMMAND: 'DEL' }, 'CNI_NETNS'),
      good,
      {},
      {
        isOwnNamespace: () => true,
      },
    )
    assert.is(exitCode, 0)
  })

  it('1.4, 1.7: a wrong version is told first', async () => {
    const answer = await refusal(
      { ...complete, CNI_COMMAND: 'ADD' },
      '{"name":"a","cniVersion":"9.9.9"}',
      {},
      own,
    )
    assert.is(answer, '1 incompatible CNI versions')
  })
})

describe('toReply', (it) => {
  it("is the value, what is chosen of it, or the outcome's CNI error", () => {
    assert.equal(toReply({ ok: true, value: 7 }), { ok: true, value: 7 })
    assert.equal(
      toReply({ ok: true, value: 7 }, (n) => n + 1),
      { ok: true, value: 8 },
    )
    const failed = { ok: false, error: { kind: 'interrupted' }, undone: [], left: [] } as const
    assert.equal(toReply(failed), {
      ok: false,
      error: { code: 11, msg: 'interrupted before it was done' },
    })
  })
})

describe('a plugin, whatever reaches it', (it) => {
  it('1.9: never throws, and prints one JSON document or nothing', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'c1', '/'),
    )
    const env = fc.record(
      {
        CNI_COMMAND: fc.oneof(fc.constantFrom(...verbs, 'VERSION', 'NOPE', ''), text),
        CNI_CONTAINERID: fc.oneof(fc.constant('c1'), text),
        CNI_NETNS: fc.oneof(fc.constant('/n'), text),
        CNI_IFNAME: fc.oneof(fc.constant('eth0'), text),
        CNI_ARGS: text,
        CNI_PATH: fc.oneof(fc.constant('/p'), text),
        CNI_NETNS_OVERRIDE: text,
      },
      { requiredKeys: [] },
    )
    const config = fc.record(
      {
        name: fc.oneof({ weight: 4, arbitrary: fc.constant('a') }, fc.jsonValue()),
        cniVersion: fc.oneof(fc.constantFrom(...knownVersions), fc.string(), fc.jsonValue()),
        type: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    const stdin = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      config.map((value) => JSON.stringify(value)),
    )
    const result = fc.oneof(
      fc.constant(address),
      fc.anything({ withBigInt: true, withNullPrototype: true }),
    )
    await fc.assert(
      fc.asyncProperty(env, stdin, result, fc.boolean(), async (variables, input, value, about) => {
        const handlers = {
          about: about ? 'about' : '',
          add: async () => ({ ok: true, value: value as AnyResult }) as const,
        }
        const { stdout, stderr, exitCode } = await ask(variables, input, handlers)
        if (stdout === '') assert.is(exitCode, 0)
        else {
          assert.match(stdout, /^[^\n]*\n$/)
          const printed = JSON.parse(stdout)
          assert.is(typeof printed, 'object')
          assert.is(exitCode, 'code' in printed && 'msg' in printed ? 1 : 0)
        }
        assert.ok(stderr === '' || stdout === '')
      }),
      { numRuns: 5000 },
    )
  })
})
