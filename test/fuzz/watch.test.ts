import { readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { randomFrom } from '../simulation/random.js'
import { describe } from '../suite.js'
import { makeInput } from './inputs.js'
import { seal } from './sealed.js'
import { type Decoder, inputOf, runCase, runGrowth } from './watch.js'

const decoder = (run: Decoder['run'], growth: Decoder['growth'] = {}): Decoder => ({
  name: 'a decoder',
  samples: ['{"a":[1,2],"b":"c"}'],
  isJson: true,
  pieces: ['a', 'b'],
  run,
  growth,
})

/** What is found in the first case, sealed. */
const found = async (run: Decoder['run']): Promise<string> => {
  const sealed = seal()
  try {
    return (await runCase(decoder(run), 1, sealed))?.message ?? 'nothing'
  } finally {
    sealed.open()
  }
}

describe('what a fuzzed decoder may not do', (it) => {
  it('is nothing when it returns', async () => {
    assert.is(await found(() => 7), 'nothing')
    assert.is(await found(async () => 7), 'nothing')
  })

  it('is to throw, or to reject', async () => {
    const fail = () => {
      throw new Error('boom')
    }
    assert.match(await found(fail), 'boom')
    assert.match(await found(async () => fail()), 'boom')
  })

  it('is to touch a file, also by a function that was imported by name, and also where it catches', async () => {
    const calling = (body: () => unknown) => () => {
      try {
        body()
      } catch {
        // As a decoder might that hides what it does.
      }
    }
    const write = calling(() => writeFileSync('/nonexistent/x', ''))
    assert.is(await found(write), 'it called fs.writeFileSync')
    assert.is(await found(calling(() => readFileSync('package.json'))), 'it called fs.readFileSync')
    assert.ok(readFileSync('package.json').length > 0, 'afterwards everything is as it was')
  })

  it('is to change a prototype', async () => {
    const prototype: Record<string, unknown> = Object.prototype as never
    try {
      const message = await found(() => {
        prototype.polluted = 1
      })
      assert.match(message, 'a prototype was changed: ')
    } finally {
      delete prototype.polluted
    }
  })

  it('is to take out of proportion when its input grows', async () => {
    const letters = (length: number) => 'x'.repeat(length)
    let sum = 0
    const spin = (times: number) => {
      for (let i = 0; i < times; i++) sum ^= i
      return sum
    }
    spin(1e8) // once compiled, a loop takes as long as it is long
    // Sixty-four times as long for four times the input: a busy machine hides that from nobody.
    const cubic = (text: string) => spin((text.length / 1e6) ** 3 * 4e8)
    const linear = (text: string) => spin((text.length / 1e6) * 4e8)
    const sealed = seal()
    try {
      const slow = await runGrowth(decoder(cubic, { letters }), 'letters', sealed)
      assert.match(
        slow?.message ?? '',
        /^letters: [\d.]+ ms, then [\d.]+ ms, for \d+ and \d+ characters$/,
      )
      assert.is(await runGrowth(decoder(linear, { letters }), 'letters', sealed), undefined)
    } finally {
      sealed.open()
    }
  })
})

describe('the input of a seed', (it) => {
  const one = decoder(() => 7)

  it('is the same every time, and another one for another seed', () => {
    const inputs = Array.from({ length: 200 }, (_, seed) => inputOf(one, seed))
    assert.equal(
      inputs,
      Array.from({ length: 200 }, (_, seed) => inputOf(one, seed)),
    )
    assert.ok(new Set(inputs).size > 150)
  })

  it('has keys that would reach a prototype, as keys of its own', () => {
    const random = randomFrom(7)
    const inputs = Array.from({ length: 500 }, () => makeInput(random, one))
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      assert.ok(
        inputs.some((text) => text.includes(`"${key}":`)),
        key,
      )
    }
  })

  it('is often JSON, and often not', () => {
    const valid = Array.from({ length: 500 }, (_, seed) => inputOf(one, seed)).filter((text) => {
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    })
    assert.ok(valid.length > 150 && valid.length < 450, String(valid.length))
  })

  it('is made smaller as long as it shows the same', async () => {
    const sealed = seal()
    const bad = decoder((text) => assert.not.ok(text.includes('a')))
    try {
      for (let seed = 0; seed < 20; seed++) {
        const finding = await runCase(bad, seed, sealed)
        if (finding !== undefined) return assert.is(finding.input, 'a')
      }
    } finally {
      sealed.open()
    }
    return assert.unreachable('no input has an a')
  })
})
