import * as assert from 'uvu/assert'
import { decodeRuntimePod, podAnnotationsCapability as key } from '../../lib/index.js'
import { describe } from '../suite.js'

const named = { namespace: 'shop', name: 'web-0' }

describe('the annotations that a runtime sends', (it) => {
  it('make a pod, with the names of CNI_ARGS', () => {
    const annotations = { 'a/b': 'x' }
    assert.equal(decodeRuntimePod({ [key]: annotations }, named), {
      ok: true,
      pod: { annotations, source: 'stdin', ...named },
    })
    const nameless = decodeRuntimePod({ [key]: null }, { namespace: '', name: '' }, 'a.conf')
    assert.equal(nameless, { ok: true, pod: { annotations: {}, source: 'a.conf' } })
  })

  it('that it does not send say nothing, a key of the prototype least of all', () => {
    for (const config of [{}, { portMappings: [] }, Object.create({ [key]: { a: 'b' } })]) {
      assert.equal(decodeRuntimePod(config, named), { ok: true, pod: undefined })
    }
  })

  it('that are no text are refused, all at once, each by its place', () => {
    const annotations = JSON.parse('{"__proto__": {"x": "y"}, "a/b": 1, "c~d": null, "e": "f"}')
    const decoded = decodeRuntimePod({ [key]: annotations }, named)
    const problems = decoded.ok ? [] : decoded.problems
    assert.equal(
      problems.map(({ code, cniCode, path }) => [code, cniCode, path]),
      ['__proto__', 'a~1b', 'c~0d'].map((name) => [
        ...['bad-pod', 6, `stdin#/runtimeConfig/${key}/${name}`],
      ]),
    )
    assert.is((Object.prototype as { x?: unknown }).x, undefined)
    for (const value of [[], 'a', 1, true]) {
      const refused = decodeRuntimePod({ [key]: value }, named)
      assert.equal(refused.ok ? [] : refused.problems.map(({ path }) => path), [
        `stdin#/runtimeConfig/${key}`,
      ])
    }
  })
})
