import { isLeft } from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { type Answer, noAnswer } from '../../lib/cni/invocation.js'
import {
  decodeVersionReply,
  supportedVersionsOf,
  versionInvocation,
} from '../../lib/cni/version-reply.js'
import { describe } from '../suite.js'

const right = (stdout: string): readonly string[] => {
  const decoded = decodeVersionReply(stdout)
  if (isLeft(decoded)) throw new Error(decoded.left)
  return decoded.right
}

const left = (stdout: string): string => {
  const decoded = decodeVersionReply(stdout)
  if (isLeft(decoded)) return decoded.left
  throw new Error(decoded.right.join(' '))
}

const refused = (msg: string, details?: string): Answer => ({
  kind: 'refused',
  error: details === undefined ? { code: 4, msg } : { code: 4, msg, details },
})

const missing = 'decoding version info: missing field supportedVersions'

describe('VERSION reply (SPEC "VERSION", reference/cni.md 2.13)', (it) => {
  it('lists the supported versions as the plugin spells and orders them', () => {
    const reply = { cniVersion: '1.1.0', supportedVersions: ['1.0.0', '0.3.1', 'junk'] }
    assert.equal(right(`${JSON.stringify(reply)}\n`), ['1.0.0', '0.3.1', 'junk'])
  })

  it('of 0.2.0 without a list means 0.1.0 and 0.2.0, of any other version it is wrong', () => {
    assert.equal(right('{"cniVersion":"0.2.0"}'), ['0.1.0', '0.2.0'])
    for (const none of ['null', '[]']) {
      const listing = `"supportedVersions":${none}`
      assert.equal(right(`{"cniVersion":"0.2.0",${listing}}`), ['0.1.0', '0.2.0'])
      assert.is(left(`{"cniVersion":"1.0.0",${listing}}`), missing)
    }
    assert.is(left('{"cniVersion":"1.0.0"}'), missing)
  })

  it('must name its own version', () => {
    for (const text of ['{}', '{"cniVersion":""}', '{"cniVersion":null,"supportedVersions":[]}'])
      assert.is(left(text), 'decoding version info: missing field cniVersion', text)
  })

  it('is refused when it is no JSON, no object, or has other types', () => {
    for (const text of ['', 'usage: plugin', '[]', 'null', '{"cniVersion":1}'])
      assert.match(left(text), /^decoding version info: /, text)
    const wrong = ['"1.0.0"', '[1]', '{}', '[["1.0.0"]]']
    for (const versions of wrong)
      assert.match(left(`{"cniVersion":"1.0.0","supportedVersions":${versions}}`), 'no list')
  })

  it('of a plugin that does not know VERSION means 0.1.0, by exactly that error text', () => {
    const known = supportedVersionsOf(refused('unknown CNI_COMMAND: VERSION'))
    assert.equal(known, { _tag: 'Right', right: ['0.1.0'] })
    for (const msg of ['unknown CNI_COMMAND: version', 'unknown CNI_COMMAND: VERSION!', ''])
      assert.ok(isLeft(supportedVersionsOf(refused(msg))), msg)
    const other = supportedVersionsOf(refused('out of order', 'since Monday'))
    assert.equal(other, { _tag: 'Left', left: 'out of order; since Monday' })
  })

  it('that never came is told with its reason', () => {
    const answer = noAnswer('not-found', 'failed to find plugin "x" in path [/bin]', false)
    assert.equal(supportedVersionsOf(answer), {
      _tag: 'Left',
      left: 'failed to find plugin "x" in path [/bin]',
    })
  })

  it('is asked for with dummies in the variables, as libcni does', () => {
    const { env, stdin, verb, path } = versionInvocation('bridge', ['/a', '/b'])
    assert.equal([verb, stdin, path], ['VERSION', { cniVersion: '1.1.0' }, ['/a', '/b']])
    assert.equal(
      [env.CNI_COMMAND, env.CNI_NETNS, env.CNI_IFNAME, env.CNI_PATH],
      ['VERSION', 'dummy', 'dummy', 'dummy'],
    )
    assert.equal([env.CNI_CONTAINERID, env.CNI_ARGS], ['', ''])
  })
})
