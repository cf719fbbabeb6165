import { left } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import * as assert from 'uvu/assert'
import { reportFailures } from '../../lib/cni/codec.js'
import { describe } from '../suite.js'

const Port = t.intersection(
  [t.type({ hostPort: t.number }), t.partial({ protocol: t.string })],
  'Port',
)
const Element = t.type({ name: t.string, ports: t.array(Port) }, 'Element')
const Elements = t.array(t.union([t.string, Element], 'Element or text'), 'Elements')

const report = (codec: t.Mixed, value: unknown, keys?: readonly (string | number)[]) =>
  reportFailures(codec.decode(value), 'bad-annotation', 'networks', keys)
const lines = (codec: t.Mixed, value: unknown, keys?: readonly (string | number)[]) =>
  report(codec, value, keys).map(({ path, message }) => `${path} ${message}`)

describe('reportFailures: how a failed decoding reads', (it) => {
  it('is silent when the decoding succeeded', () => {
    assert.equal(report(Port, { hostPort: 80 }), [])
  })

  it('is one Problem a wrong field, each under the code that was asked for', () => {
    const problems = report(t.type({ a: t.string, b: t.number }), { a: 1, b: 'x' })
    assert.equal(problems, [
      {
        code: 'bad-annotation',
        severity: 'error',
        cniCode: 7,
        message: 'expected string, got 1',
        path: 'networks#/a',
      },
      {
        code: 'bad-annotation',
        severity: 'error',
        cniCode: 7,
        message: 'expected number, got "x"',
        path: 'networks#/b',
      },
    ])
  })

  it('points to the input, without the members of intersections and unions', () => {
    assert.equal(lines(Element, { name: 'a', ports: [{ hostPort: 1 }, { hostPort: 'x' }] }), [
      'networks#/ports/1/hostPort expected number, got "x"',
    ])
    assert.equal(lines(Port, { hostPort: 1, protocol: 2 }), [
      'networks#/protocol expected string, got 2',
    ])
  })

  it('tells each place once, although every member of a union has failed there', () => {
    assert.equal(lines(Elements, [7]), ['networks#/0 expected string, got 7'])
  })

  it('begins where the value stands in its source', () => {
    assert.equal(lines(Port, {}, ['plugins', 0, 'a/b']), [
      'networks#/plugins/0/a~1b/hostPort expected number, got undefined',
    ])
    assert.equal(lines(t.string, 1), ['networks# expected string, got 1'])
  })

  it('shortens the value that it quotes', () => {
    const [line] = lines(Port, { hostPort: 'x'.repeat(10_000) })
    assert.ok((line ?? '').length < 150)
  })

  it("takes a codec's own message where it has one", () => {
    const Even = new t.Type<number>(
      'Even',
      t.number.is,
      (u, c) => t.failure(u, c, 'must be even'),
      t.identity,
    )
    assert.equal(lines(t.type({ n: Even }), { n: 1 }), ['networks#/n must be even'])
  })

  it('survives a failure that does not say where or what was expected', () => {
    assert.equal(
      reportFailures(left([{ value: 1, context: [] }]), 'bad-json', 's').map(
        ({ path, message }) => `${path} ${message}`,
      ),
      ['s# expected another value, got 1'],
    )
  })
})
