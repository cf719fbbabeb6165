import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { formatArgs, parseArgs, podOf } from '../../lib/cni/args.js'
import { describe } from '../suite.js'

const runs = { numRuns: 2000 }
const pairsOf = (text: string): unknown => {
  const args = parseArgs(text)
  return E.isRight(args) ? [...args.right] : args.left
}

describe('parseArgs (reference/cni.md 1.8)', (it) => {
  it('reads nothing from the empty text', () => {
    assert.equal(pairsOf(''), [])
  })

  it('reads pairs, empty values and empty keys; the last duplicate counts', () => {
    assert.equal(pairsOf('IgnoreUnknown=1;K8S_POD_NAME=web;IP='), [
      ['IgnoreUnknown', '1'],
      ['K8S_POD_NAME', 'web'],
      ['IP', ''],
    ])
    assert.equal(pairsOf('A=1;B=2;A=3'), [
      ['A', '3'],
      ['B', '2'],
    ])
    assert.equal(pairsOf('=x'), [['', 'x']])
    assert.equal(pairsOf('__proto__=x;constructor=y'), [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  it('refuses a trailing semicolon, a bare key and an equals sign in a value, with the pair', () => {
    const message = (text: string) => ({ code: 4, msg: `ARGS: invalid pair ${text}` })
    assert.equal(pairsOf('A=1;'), message('""'))
    assert.equal(pairsOf(';A=1'), message('""'))
    assert.equal(pairsOf('A'), message('"A"'))
    assert.equal(pairsOf('A=1;B=2=3'), message('"B=2=3"'))
  })

  it('never throws', () => {
    const texts = fc
      .array(fc.oneof(fc.constantFrom(';', '=', 'A', 'IP'), fc.string()))
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(texts, (text) => {
        parseArgs(text)
      }),
      runs,
    )
  })
})

describe('formatArgs (divergence X-24)', (it) => {
  it('joins pairs as libcni does', () => {
    assert.equal(formatArgs([]), E.right(''))
    assert.equal(
      formatArgs(
        new Map([
          ['IgnoreUnknown', '1'],
          ['IP', ''],
        ]),
      ),
      E.right('IgnoreUnknown=1;IP='),
    )
  })

  it('refuses a key or a value that could not be read back or put into an environment', () => {
    for (const bad of ['a;b', 'a=b', 'a\0b']) {
      for (const pair of [
        ['K', bad],
        [bad, 'v'],
      ] as const) {
        const formatted = formatArgs([['A', '1'], pair])
        assert.ok(E.isLeft(formatted), JSON.stringify(pair))
        assert.is(E.isLeft(formatted) && formatted.left.code, 4)
        assert.match(E.isLeft(formatted) ? formatted.left.msg : '', /^ARGS: "/)
      }
    }
  })

  it('writes what parseArgs reads', () => {
    const word = fc.string().map((text) => text.replace(/[;=\0]/g, ''))
    fc.assert(
      fc.property(fc.dictionary(word, word), (pairs) => {
        const formatted = formatArgs(Object.entries(pairs))
        assert.ok(E.isRight(formatted))
        // One empty pair is "=", which is read; no pair is "".
        const read = parseArgs(E.isRight(formatted) ? formatted.right : '?')
        assert.equal(E.isRight(read) ? [...read.right] : read, Object.entries(pairs))
      }),
      runs,
    )
  })
})

describe('podOf', (it) => {
  it('finds the four keys of kubelet runtimes and leaves the others alone', () => {
    const args = parseArgs(
      'IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=u1',
    )
    assert.ok(E.isRight(args))
    assert.equal(E.isRight(args) && podOf(args.right), {
      namespace: 'default',
      name: 'web-0',
      uid: 'u1',
      infraContainerId: 'c1',
    })
  })

  it('leaves out what is missing or empty', () => {
    assert.equal(podOf(new Map()), {})
    assert.equal(
      podOf(
        new Map([
          ['K8S_POD_NAME', ''],
          ['K8S_POD_UID', 'u'],
        ]),
      ),
      { uid: 'u' },
    )
  })
})
