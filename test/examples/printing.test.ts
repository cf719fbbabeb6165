/** The examples that print something: each is run, and says what its page says. */
import { readdirSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { describe } from '../suite.js'
import { runProgram, textOf } from './program.js'

const programs = new Set(['metacni', 'multus'])
const examples = readdirSync(new URL('../../examples', import.meta.url)).filter(
  (name) => /^[a-z-]+$/.test(name) && name !== 'tke' && !programs.has(name),
)

/** The lines that an example prints; it must succeed and say nothing on stderr. */
const linesOf = async (example: string): Promise<readonly string[]> => {
  const { exitCode, stdout, stderr } = await runProgram(`examples/${example}/index.ts`)
  assert.is(stderr, '')
  assert.is(exitCode, 0)
  return stdout.trimEnd().split('\n')
}

describe('examples', (it) => {
  it('are programs of at most 40 lines that import what users import', () => {
    assert.ok(examples.length >= 5, examples.join(', '))
    for (const example of examples) {
      for (const file of readdirSync(new URL(`../../examples/${example}`, import.meta.url))) {
        const text = textOf(`examples/${example}/${file}`)
        const lines = text.trimEnd().split('\n')
        assert.ok(lines.length <= 40, `${example}/${file} has ${lines.length} lines`)
        for (const [, from = ''] of text.matchAll(/from '([^']+)'/g)) {
          assert.match(from, /^(metacni(\/.+)?|node:.+|fp-ts\/lib\/\w+\.js|\.\/[a-z-]+\.js)$/)
        }
      }
    }
  })

  it('plan-from-strings: shows the interfaces of a pod and the reason of each', async () => {
    const lines = await linesOf('plan-from-strings')
    assert.equal(lines.slice(0, 4), [
      'interface  network  type     primary  description',
      'eth0       flannel  flannel  yes      Flannel network tap interface',
      'san0       storage  macvlan  no       macvlan of eth1 in bridge mode',
      '',
    ])
    assert.ok(lines.includes('   Its interface is san0: it was asked for (ethAfterHighest).'))
  })

  it('rehearse-failure: undoes all three attachments in reverse, then attaches them', async () => {
    const lines = await linesOf('rehearse-failure')
    assert.equal(lines.slice(0, 11), [
      'ADD bridge eth0 success',
      'ADD ptp eth1 success',
      'ADD macvlan eth2 refused',
      'DEL macvlan eth2 success',
      'DEL ptp eth1 success',
      'DEL bridge eth0 success',
      '',
      'network "storage" interface "eth2": plugin macvlan failed (add): the switch is busy',
      'left over: 0 ',
      '',
      'once more: attached',
    ])
    const names = lines.slice(13).map((line) => line.split('|')[1]?.trim())
    assert.equal(names, ['lo', 'eth0', 'eth1', 'eth2'])
  })

  it('own-runner: keeps every clause of the contract that applies to functions', async () => {
    const lines = await linesOf('own-runner')
    const words = lines.map((line) => line.split(':')[0])
    assert.equal([...new Set(words)].sort(), ['kept', 'left out'])
    assert.is(words.filter((word) => word === 'left out').length, 5)
  })

  it('fp-pipeline: attaches, checks and detaches', async () => {
    const [added = '', ...rest] = await linesOf('fp-pipeline')
    const { interfaces } = JSON.parse(added.replace(/^added /, ''))
    assert.ok(interfaces.some(({ name }: { name: string }) => name === 'eth0'))
    assert.equal(rest, ['checked 1', 'deleted 1, left over 0'])
  })
})
