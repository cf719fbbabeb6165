import fc from 'fast-check'
import * as assert from 'uvu/assert'
import type { Verb } from '../../lib/cni/invocation.js'
import { knownVersions } from '../../lib/cni/version.js'
import {
  inputVersion,
  type SupportedVersions,
  versionReply,
  versionVerdict,
} from '../../lib/cni/version-verdict.js'
import { describe } from '../suite.js'

const supported: SupportedVersions = ['0.3.1', '0.4.0', '1.0.0', '1.1.0']
const msg = (verb: Verb, version: string, list = supported) =>
  versionVerdict(verb, version, list)?.msg

describe('versionVerdict (reference/cni.md 1.4)', (it) => {
  it('wants the very text of a supported version for ADD and DEL, and quotes both sides', () => {
    for (const verb of ['ADD', 'DEL'] as const) {
      assert.is(versionVerdict(verb, '1.0.0', supported), undefined)
      assert.equal(versionVerdict(verb, 'junk', ['A', 'B']), {
        code: 1,
        msg: 'incompatible CNI versions',
        details: 'config is "junk", plugin supports ["A" "B"]',
      })
      assert.is(msg(verb, '1.0'), 'incompatible CNI versions')
      assert.is(msg(verb, ''), 'incompatible CNI versions')
      assert.is(versionVerdict(verb, '', ['0.1.0']), undefined)
    }
  })

  it('refuses verbs that the version of the configuration does not have', () => {
    assert.equal(versionVerdict('CHECK', '0.3.1', supported), {
      code: 1,
      msg: 'config version does not allow CHECK',
      details: 'config is "0.3.1", CHECK exists since 0.4.0',
    })
    const { details } = versionVerdict('CHECK', '', supported) ?? {}
    assert.is(details, 'config is "0.1.0", CHECK exists since 0.4.0')
    assert.is(msg('CHECK', ''), 'config version does not allow CHECK')
    assert.is(msg('GC', '1.0.0'), 'config version does not allow GC')
    assert.is(msg('STATUS', '1.0.0'), 'config version does not allow STATUS')
    assert.is(msg('CHECK', '0.4.0'), undefined)
    assert.is(msg('GC', '1.1.0'), undefined)
    assert.is(msg('STATUS', '1.1.0'), undefined)
  })

  it('takes the first plugin version that is not older, and then wants the very text', () => {
    assert.is(msg('CHECK', '0.9.0', ['0.3.1', '0.4.0', '1.0.0']), 'incompatible CNI versions')
    assert.equal(versionVerdict('CHECK', '2.0.0', ['0.4.0']), {
      code: 1,
      msg: 'plugin version does not allow CHECK',
      details: 'config is "2.0.0", plugin supports ["0.4.0"]',
    })
    assert.is(msg('CHECK', '2.0.0'), 'plugin version does not allow CHECK')
    assert.is(msg('GC', '1.1.0', ['1.0.0']), 'plugin version does not allow GC')
    assert.is(msg('STATUS', '1.2.0'), 'plugin version does not allow STATUS')
  })

  it('answers what is no version with code 6, a supported one only when it is met', () => {
    for (const verb of ['CHECK', 'GC', 'STATUS'] as const) {
      assert.is(versionVerdict(verb, 'junk', supported)?.code, 6)
      assert.is(versionVerdict(verb, '1.1.0', ['0.4.0', 'junk', '1.1.0'])?.code, 6)
      assert.is(versionVerdict(verb, '1.1.0', ['0.4.0', '1.1.0', 'junk']), undefined)
    }
  })

  it('refuses VERSION to nobody', () => {
    assert.is(versionVerdict('VERSION', 'junk', supported), undefined)
  })

  it('never throws, and lets ADD through for every released version', () => {
    const verbs = fc.constantFrom<Verb>('ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION')
    const version = fc.oneof(fc.constantFrom(...knownVersions), fc.string())
    fc.assert(
      fc.property(verbs, version, version, (verb, config, offered) => {
        const error = versionVerdict(verb, config, [offered])
        assert.ok(error === undefined || error.code === 1 || error.code === 6)
      }),
      { numRuns: 2000 },
    )
    for (const one of knownVersions) assert.is(versionVerdict('ADD', one, knownVersions), undefined)
  })
})

describe('versionReply (reference/cni.md 1.5; X-05)', (it) => {
  it('echoes the version of the input', () => {
    assert.equal(versionReply('0.4.0', supported), {
      cniVersion: '0.4.0',
      supportedVersions: supported,
    })
  })

  it('names the newest version when the input has none or what is none', () => {
    for (const input of [undefined, '', 'junk', '1.0.0-rc1', '1.2.3.4']) {
      assert.is(versionReply(input, supported).cniVersion, '1.1.0')
    }
  })
})

describe('inputVersion', (it) => {
  it('finds the version in a stdin, and nothing in what is none', () => {
    assert.is(inputVersion('{"cniVersion":"0.4.0"}'), '0.4.0')
    for (const text of ['', '{', '[]', 'null', '{}', '{"cniVersion":1}']) {
      assert.is(inputVersion(text), undefined, text)
    }
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        inputVersion(text)
      }),
      { numRuns: 2000 },
    )
  })
})
