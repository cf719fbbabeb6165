import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import {
  aboutText,
  decodeEnvironment,
  decodeStdin,
  isOverride,
  isVerb,
  type RequestEnvironment,
  unknownVerb,
} from '../../lib/cni/request.js'
import { describe } from '../suite.js'

const runs = { numRuns: 2000 }
const complete = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/proc/1/ns/net',
  CNI_IFNAME: 'eth0',
  CNI_ARGS: 'IgnoreUnknown=1',
  CNI_PATH: '/opt/cni/bin:/usr/lib/cni',
  CNI_NETNS_OVERRIDE: 'True',
}
const verdict = (env: Readonly<Record<string, string | undefined>>): unknown => {
  const decoded = decodeEnvironment(env)
  return E.isRight(decoded) ? 'accepted' : decoded.left
}
const missing = (...names: readonly string[]) => ({
  code: 4,
  msg: `required env variables [${names.join(',')}] missing`,
})

describe('decodeEnvironment (reference/cni.md 1.1 to 1.3)', (it) => {
  it('reads a whole request', () => {
    const expected: RequestEnvironment = {
      verb: 'ADD',
      containerId: 'c1',
      netns: '/proc/1/ns/net',
      ifname: 'eth0',
      args: 'IgnoreUnknown=1',
      path: ['/opt/cni/bin', '/usr/lib/cni'],
      netnsOverride: true,
    }
    assert.equal(decodeEnvironment(complete), E.right(expected))
  })

  it('names every missing variable in one error, in the order of the walk', () => {
    const names = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME']
    assert.equal(verdict({ CNI_COMMAND: 'ADD' }), missing(...names))
    assert.equal(verdict({ CNI_COMMAND: 'CHECK' }), missing(...names))
    assert.equal(verdict({ CNI_COMMAND: 'DEL' }), missing('CNI_CONTAINERID', 'CNI_IFNAME'))
    assert.equal(verdict({ CNI_COMMAND: 'GC' }), missing('CNI_PATH'))
    assert.equal(
      verdict({ ...complete, CNI_NETNS: '', CNI_IFNAME: undefined }),
      missing('CNI_NETNS', 'CNI_IFNAME'),
    )
  })

  it('wants CNI_PATH for GC alone, as SPEC has it (S-032, S-039, S-052, S-058, S-066; X-07)', () => {
    for (const verb of ['ADD', 'DEL', 'CHECK', 'STATUS']) {
      for (const path of [undefined, '']) {
        const decoded = decodeEnvironment({ ...complete, CNI_COMMAND: verb, CNI_PATH: path })
        assert.equal(E.isRight(decoded) && decoded.right.path, [], verb)
      }
    }
    assert.is(verdict({ CNI_COMMAND: 'STATUS' }), 'accepted')
    assert.equal(verdict({ ...complete, CNI_COMMAND: 'GC', CNI_PATH: '' }), missing('CNI_PATH'))
  })

  it('asks only for the command when there is none, unset or empty', () => {
    assert.equal(verdict({}), missing('CNI_COMMAND'))
    assert.equal(verdict({ ...complete, CNI_COMMAND: '' }), missing('CNI_COMMAND'))
  })

  it('asks an unknown verb and VERSION for nothing more', () => {
    for (const verb of ['NOPE', 'add', 'VERSION', '__proto__', 'constructor']) {
      assert.is(verdict({ CNI_COMMAND: verb }), 'accepted', verb)
    }
  })

  it('lets DEL go without a network namespace', () => {
    assert.is(verdict({ ...complete, CNI_COMMAND: 'DEL', CNI_NETNS: undefined }), 'accepted')
  })

  it('lets the first invalid value win over missing variables that come before it', () => {
    assert.equal(verdict({ CNI_COMMAND: 'ADD', CNI_IFNAME: 'a/b' }), {
      code: 4,
      msg: 'interface name contains / or : (CNI_IFNAME is "a/b")',
    })
    assert.equal(verdict({ ...complete, CNI_CONTAINERID: '../x', CNI_IFNAME: 'a/b' }), {
      code: 4,
      msg: 'invalid characters in containerID (CNI_CONTAINERID is "../x")',
      details: '../x',
    })
  })

  it('refuses interface names for their length in bytes, with details, and for the rest without', () => {
    for (const ifname of ['a'.repeat(16), 'é'.repeat(8)]) {
      assert.equal(verdict({ ...complete, CNI_IFNAME: ifname }), {
        code: 4,
        msg: `interface name is too long (CNI_IFNAME is "${ifname}")`,
        details: 'interface name should be less than 16 characters',
      })
    }
    const endless = verdict({ ...complete, CNI_IFNAME: 'a'.repeat(100_000) })
    assert.ok(JSON.stringify(endless).length < 300)
    assert.is(verdict({ ...complete, CNI_IFNAME: 'é'.repeat(7) }), 'accepted')
    assert.is(verdict({ ...complete, CNI_IFNAME: '...' }), 'accepted')
    for (const [ifname, msg] of [
      ['..', 'interface name is . or ..'],
      ['a:b', 'interface name contains / or :'],
      ['a\u0085', 'interface name contains whitespace characters'],
    ] as const) {
      assert.equal(verdict({ ...complete, CNI_IFNAME: ifname }), {
        code: 4,
        msg: `${msg} (CNI_IFNAME is "${ifname.replace('\u0085', '\\u0085')}")`,
      })
    }
  })

  it('does not look at identifiers that the verb does not require', () => {
    for (const verb of ['GC', 'STATUS', 'VERSION', 'NOPE']) {
      const env = { ...complete, CNI_COMMAND: verb, CNI_CONTAINERID: '/', CNI_IFNAME: '/' }
      assert.is(verdict(env), 'accepted', verb)
    }
  })

  it('leaves empty parts of CNI_PATH out, which would mean the working directory', () => {
    const decoded = decodeEnvironment({ ...complete, CNI_PATH: ':/a::/b:' })
    assert.equal(E.isRight(decoded) && decoded.right.path, ['/a', '/b'])
  })

  it('shows no more of a wrong value than anybody could mean', () => {
    const refused = verdict({ ...complete, CNI_CONTAINERID: `/${'a'.repeat(100_000)}` })
    assert.is((refused as { details: string }).details.length, 256)
  })

  it('never throws, and answers each environment with a request or code 4', () => {
    const text = fc.oneof(fc.constantFrom('', 'ADD', 'DEL', 'GC', 'c1', 'eth0', '/'), fc.string())
    const env = fc.record(
      {
        CNI_COMMAND: text,
        CNI_CONTAINERID: text,
        CNI_NETNS: text,
        CNI_IFNAME: text,
        CNI_ARGS: text,
        CNI_PATH: text,
        CNI_NETNS_OVERRIDE: text,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(env, (one) => {
        const decoded = decodeEnvironment(one)
        assert.ok(E.isRight(decoded) || decoded.left.code === 4)
      }),
      runs,
    )
  })
})

describe('verbs and switches', (it) => {
  it('are exact: a lower-case verb is unknown (reference/cni.md 1.3)', () => {
    for (const verb of ['ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION']) assert.ok(isVerb(verb))
    for (const verb of ['', 'add', 'ADD ', 'NOPE']) assert.not.ok(isVerb(verb), verb)
    assert.equal(unknownVerb('add'), { code: 4, msg: 'unknown CNI_COMMAND: add' })
  })

  it('turn the namespace check off with TRUE in any case or 1 (reference/cni.md 1.1)', () => {
    for (const text of ['1', 'true', 'TRUE', 'tRuE']) assert.ok(isOverride(text), text)
    for (const text of [undefined, '', '0', 'yes', 'true ', '11']) assert.not.ok(isOverride(text))
  })
})

describe('aboutText (reference/cni.md 1.3)', (it) => {
  it('introduces a plugin that is started without a command, if it has something to say', () => {
    const expected = 'a plugin\nCNI protocol versions supported: 0.4.0, 1.0.0\n'
    assert.is(aboutText({}, 'a plugin', ['0.4.0', '1.0.0']), expected)
    assert.is(aboutText({ CNI_COMMAND: '' }, 'a plugin', ['0.4.0', '1.0.0']), expected)
    assert.is(aboutText({}, '', ['1.0.0']), undefined)
    assert.is(aboutText({ CNI_COMMAND: 'ADD' }, 'a plugin', ['1.0.0']), undefined)
  })
})

const stdin = (text: string, verb?: string): unknown => {
  const decoded = decodeStdin(text, verb)
  return E.isRight(decoded) ? decoded.right : decoded.left
}
const code = (text: string, verb?: string): unknown => (stdin(text, verb) as { code?: number }).code
const msg = (text: string): string => String((stdin(text) as { msg?: string }).msg)

describe('decodeStdin (reference/cni.md 1.3, 1.4)', (it) => {
  it('gives name, version, the whole object and the text as it came', () => {
    const text = '{ "name": "net", "cniVersion": "1.0.0", "x": 1 }'
    const config = { name: 'net', cniVersion: '1.0.0', x: 1 }
    assert.equal(stdin(text), { name: 'net', cniVersion: '1.0.0', config, text })
  })

  it('answers what is no JSON object with code 6: nothing, a rest, a byte order mark, a list', () => {
    for (const text of [
      '',
      '{',
      '{"name":"a"}x',
      '{"name":"a"}{}',
      '\ufeff{"name":"a"}',
      '[]',
      '"a"',
      '1',
    ]) {
      assert.is(code(text), 6, text)
      assert.match(msg(text), /^error unmarshall network config: /)
    }
    assert.is(code('{"name":1}'), 6)
    assert.is(code(`{"name":"a","x":${'['.repeat(100)}${']'.repeat(100)}}`), 6)
  })

  it('answers a missing name and one with other characters with code 7', () => {
    for (const text of ['null', '{}', '{"name":""}', '{"name":null}']) {
      assert.equal(stdin(text), { code: 7, msg: 'missing network name' }, text)
    }
    assert.equal(stdin('{"name":"../etc"}'), {
      code: 7,
      msg: 'invalid characters found in network name',
      details: '../etc',
    })
  })

  it('takes a missing, null or empty version for 0.1.0, and any other text as it is', () => {
    const version = (text: string) => (stdin(text) as { cniVersion?: string }).cniVersion
    assert.is(version('{"name":"a"}'), '0.1.0')
    assert.is(version('{"name":"a","cniVersion":""}'), '0.1.0')
    assert.is(version('{"name":"a","cniVersion":null}'), '0.1.0')
    assert.is(version('{"name":"a","cniVersion":"junk"}'), 'junk')
  })

  it('answers a version that is no text with code 6', () => {
    assert.is(code('{"name":"a","cniVersion":1}'), 6)
    assert.match(msg('{"name":"a","cniVersion":1}'), /^decoding version from network config: /)
  })

  it('refuses an unknown verb after the name and before the version', () => {
    assert.is(code('{', 'NOPE'), 6)
    assert.is(code('{}', 'NOPE'), 7)
    assert.equal(stdin('{"name":"a","cniVersion":1}', 'NOPE'), unknownVerb('NOPE'))
    assert.is(code('{"name":"a","cniVersion":1}', 'ADD'), 6)
    assert.is(code('{"name":"a"}', 'ADD'), undefined)
  })

  it('never throws', () => {
    const keys = fc.record(
      { name: fc.jsonValue(), cniVersion: fc.jsonValue() },
      { requiredKeys: [] },
    )
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      keys.map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(texts, fc.option(fc.string(), { nil: undefined }), (text, verb) => {
        const decoded = verb === undefined ? decodeStdin(text) : decodeStdin(text, verb)
        assert.ok(E.isRight(decoded) || [4, 6, 7].includes(decoded.left.code))
      }),
      runs,
    )
  })
})
