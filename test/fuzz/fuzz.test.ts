import { spawn } from 'node:child_process'
import * as assert from 'uvu/assert'
import { project } from '../package/sandbox.js'
import { describe } from '../suite.js'
import { decoders } from './decoders.js'

/** Runs scripts/fuzz.mjs, beside other tests. */
const fuzz = (
  env: Readonly<Record<string, string>>,
): Promise<{ readonly status: number | null; readonly text: string }> =>
  new Promise((resolve) => {
    const { NODE_V8_COVERAGE: _, ...inherited } = process.env
    const child = spawn(process.execPath, ['scripts/fuzz.mjs'], {
      cwd: project,
      env: { ...inherited, ...env },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
    }
    child.on('close', (status) => resolve({ status, text }))
  })

const limitMilliseconds = 900_000

describe('2000 inputs of strangers for each decoder, and inputs that grow', (it) => {
  let run: ReturnType<typeof fuzz> | undefined
  for (const { name } of decoders) {
    it(
      `make the decoder of ${name} throw, hang, touch a file or a prototype, or take out of proportion: none`,
      async () => {
        run ??= fuzz({ COUNT: '2000', LENGTH: '200000' })
        const { status, text } = await run
        assert.match(`\n${text}`, `\n${name}: 2000 cases, 0 found\n`)
        assert.is(status, 0, text)
      },
      limitMilliseconds,
    )
  }
})

describe('npm run fuzz', (it) => {
  const name = 'VERSION reply'

  it('shows the case of a seed, twice alike', async () => {
    const first = await fuzz({ DECODER: name, SEED: '7' })
    assert.match(first.text, /^VERSION reply, seed 7: ".*"\nnothing\n$/)
    assert.is(first.status, 0)
    assert.equal(await fuzz({ DECODER: name, SEED: '7' }), first)
  })

  it('refuses what is no number, no decoder, and a seed without a decoder', async () => {
    for (const [env, said] of [
      [{ COUNT: '-1' }, 'COUNT must be a natural number, not "-1"\n'],
      [{ DECODER: 'x' }, 'DECODER must be one of request, '],
      [{ SEED: '7' }, 'SEED needs DECODER: a seed makes another input for each\n'],
    ] as const) {
      const { status, text } = await fuzz(env)
      assert.match(text, said)
      assert.is(status, 2)
    }
  })
})
