import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { knownArgs } from '../../lib/cni/plugin-args.js'
import { describe } from '../suite.js'

const read = (text: string, known: readonly string[] = ['IP']) => {
  const result = knownArgs(text, known)
  return E.isRight(result) ? [...result.right] : result.left
}

describe('CNI_ARGS of a plugin (cni.md 1.8)', (it) => {
  it('gives the pairs that the plugin knows', () => {
    assert.equal(read('IP=10.0.0.1'), [['IP', '10.0.0.1']])
    assert.equal(read(''), [])
  })

  it('refuses keys that the plugin does not know with code 4, naming each', () => {
    assert.equal(read('IP=10.0.0.1;A=1;B=2'), {
      code: 4,
      msg: 'ARGS: unknown args ["A=1" "B=2"]',
    })
  })

  it('leaves unknown keys out when IgnoreUnknown is true, wherever it stands and however it is spelled', () => {
    for (const word of ['1', 'true', 'TRUE', 'True']) {
      assert.equal(read(`A=1;IP=10.0.0.1;IgnoreUnknown=${word}`), [['IP', '10.0.0.1']])
      assert.equal(read(`IgnoreUnknown=${word};A=1;IP=10.0.0.1`), [['IP', '10.0.0.1']])
    }
  })

  it('refuses an IgnoreUnknown that is neither true nor false', () => {
    assert.equal(read('IgnoreUnknown=yes'), {
      code: 4,
      msg: 'ARGS: IgnoreUnknown must be true, false, 1 or 0, not "yes"',
    })
    assert.equal(read('IgnoreUnknown=0;A=1'), { code: 4, msg: 'ARGS: unknown args ["A=1"]' })
  })

  it('matches keys with regard to case', () => {
    assert.equal(read('ip=10.0.0.1'), { code: 4, msg: 'ARGS: unknown args ["ip=10.0.0.1"]' })
  })

  it('refuses what is no pair with code 4', () => {
    assert.is((read('IP') as { code: number }).code, 4)
    assert.is((read('IP=1;') as { code: number }).code, 4)
  })
})
