import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/cni/json.js'
import { shape, without } from '../../lib/cni/shape.js'
import { describe } from '../suite.js'

interface Sample extends JsonObject {
  readonly name: string
  readonly port?: number
}
const orEmpty = new t.Type<string>(
  'text',
  t.string.is,
  (value, context) => t.string.validate(value ?? '', context),
  t.identity,
)
const dropped = new t.Type<undefined>(
  'dropped',
  t.undefined.is,
  () => t.success(undefined),
  t.identity,
)
const Sample = shape<Sample>(
  'Sample',
  { name: t.string },
  { port: t.number, tags: t.array(t.string) },
)

describe('shape', (it) => {
  it('keeps unknown keys, and gives the same object when there is nothing to change', () => {
    const value = JSON.parse('{"name":"a","port":1,"x":{"y":null},"__proto__":{"z":1}}')
    const decoded = Sample.decode(value)
    assert.ok(E.isRight(decoded) && decoded.right === value)
    assert.ok(Sample.is(value))
  })

  it('leaves out an optional key that is null, and nothing else', () => {
    const value = JSON.parse('{"name":"a","port":null,"x":null,"__proto__":{"z":1}}')
    const decoded = Sample.decode(value)
    assert.is(
      JSON.stringify(E.isRight(decoded) && decoded.right),
      '{"name":"a","x":null,"__proto__":{"z":1}}',
    )
    assert.is(({} as { z?: number }).z, undefined)
    assert.not.ok(Sample.is(value))
  })

  it('refuses what is no object, and reports every wrong key with its place', () => {
    for (const value of [undefined, null, [], 'a', 1]) assert.ok(E.isLeft(Sample.decode(value)))
    const decoded = Sample.decode({ port: 'x', tags: ['a', 1] })
    const places = E.isLeft(decoded)
      ? decoded.left.map((error) => error.context.map(({ key }) => key).join('/'))
      : []
    assert.equal(places, ['/name', '/port', '/tags/1'])
    assert.not.ok(Sample.is({ port: 1 }))
  })

  it('lets a required codec give a default and an optional one drop its key', () => {
    const WithDefault = shape<Sample>('Sample', { name: orEmpty }, { port: dropped })
    assert.equal(WithDefault.decode({ name: null, port: 1 }), E.right({ name: '' }))
    assert.equal(WithDefault.decode({}), E.right({ name: '' }))
  })
})

describe('without', (it) => {
  it('keeps every other own key, __proto__ too, and reaches no prototype', () => {
    const value = JSON.parse('{"a":1,"b":2,"__proto__":{"polluted":true},"c":3}')
    const rest = without(value, 'a', 'c')
    assert.is(JSON.stringify(rest), '{"b":2,"__proto__":{"polluted":true}}')
    assert.is(Object.getPrototypeOf(rest), Object.prototype)
    assert.is(rest.polluted, undefined)
  })
})
