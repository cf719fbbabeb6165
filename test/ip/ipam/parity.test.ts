import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../../lib/cni/json.js'
import { withDirectory } from '../../fixtures/marks.js'
import { findPlugins } from '../../plugins.js'
import { describe } from '../../suite.js'
import { binaries, type Engine, native, type Said, treeOf } from './engines.js'
import { add, hostLocalRows, type Row, type Step, staticRows } from './parity-rows.js'

const plugins = findPlugins()

/** Everything that can be seen of one step. */
interface Seen {
  readonly said: Said
  readonly tree: readonly string[]
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null

const stdinOf = (row: Row, step: Step, dataDir: string): JsonObject => {
  const type = row.type ?? 'host-local'
  const ipam = isObject(row.ipam) ? { type, dataDir, ...row.ipam } : row.ipam
  return {
    cniVersion: '1.0.0',
    name: 'net',
    type: 'bridge',
    ...(ipam !== undefined && { ipam }),
    ...row.more,
    ...step.change,
  }
}

const play = async (row: Row, engine: Engine, dataDir: string): Promise<readonly Seen[]> => {
  mkdirSync(join(dataDir, '..'), { recursive: true })
  if (row.files !== undefined) {
    mkdirSync(join(dataDir, 'net'), { recursive: true })
    for (const [name, text] of Object.entries(row.files)) {
      writeFileSync(join(dataDir, 'net', name), text, { mode: 0o644 })
    }
  }
  row.prepare?.(dataDir)
  const seen: Seen[] = []
  for (const step of row.steps) {
    const { verb, id, ifname } = step
    const said = await engine({
      type: row.type ?? 'host-local',
      verb,
      owner: { containerId: id, ifname },
      stdin: stdinOf(row, step, dataDir),
      args: step.args ?? row.args ?? '',
    })
    seen.push({ said, tree: treeOf(join(dataDir, '..')) })
  }
  return seen
}

const nameOf = (step: Step, index: number): string =>
  `step ${index}: ${step.verb} ${step.id}/${step.ifname}`

const compare = (row: Row, theirs: readonly Seen[], ours: readonly Seen[]): void => {
  for (const [index, step] of row.steps.entries()) {
    const name = nameOf(step, index)
    const [binary, own] = [theirs[index], ours[index]]
    assert.ok(binary !== undefined && own !== undefined)
    const words = `${name}: ${binary.said.error?.msg} | ${own.said.error?.msg}`
    assert.is(own.said.error?.code, binary.said.error?.code, words)
    assert.equal(own.said.result, binary.said.result, name)
    assert.is(own.said.error !== undefined, step.says !== undefined, words)
    if (step.says !== undefined) {
      assert.match(binary.said.error?.msg ?? '', step.says, `${name}, the binary`)
      assert.match(own.said.error?.msg ?? '', step.says, `${name}, ours`)
    }
    assert.equal(own.tree, binary.tree, name)
  }
}

const both = (row: Row, path: string) =>
  withDirectory(async (directory) => {
    const theirs = play(row, binaries(path), join(directory, 'binary', 'd'))
    const ours = play(row, native(), join(directory, 'ours', 'd'))
    return [await theirs, await ours] as const
  })

// Processes wait for each other more than they work: a few rows at a time.
const lanes = new Map<number, Promise<unknown>>()

const inLane = async (index: number, row: Row, path: string): ReturnType<typeof both> => {
  await lanes.get(index % 6)
  return both(row, path)
}

for (const [name, rows] of [
  ['host-local (plugins-and-ip.md 7.6)', hostLocalRows],
  ['static (plugins-and-ip.md 7.5)', staticRows],
] as const) {
  describe(`the binary and ours answer alike and leave the same files: ${name}`, (it) => {
    for (const [index, row] of rows.entries()) {
      if (!plugins.ok) it.skip(row.title, plugins.reason)
      else {
        const seen = inLane(index, row, plugins.directory)
        lanes.set(
          index % 6,
          seen.catch(() => {}),
        )
        it(row.title, async () => compare(row, ...(await seen)))
      }
    }
  })
}

describe('the binary and ours read the same resolv.conf alike', (it) => {
  const title = 'comments, tabs, several lines of a kind'
  if (!plugins.ok) return it.skip(title, plugins.reason)
  it(title, () =>
    withDirectory(async (directory) => {
      const resolvConf = join(directory, 'resolv.conf')
      writeFileSync(
        resolvConf,
        '# c\n;d\nnameserver 10.0.0.2\n nameserver\t2001:db8::2 x\ndomain a b\nsearch a b\nsearch c\noptions ndots:5\noptions rotate\nsortlist x\n#nameserver 1.1.1.1\nnameserver\n',
      )
      const ipam = { subnet: '10.0.0.0/24', resolvConf }
      const row: Row = { title, ipam, steps: [add('a')] }
      const theirs = await play(row, binaries(plugins.directory), join(directory, 'binary', 'd'))
      const ours = await play(row, native(), join(directory, 'ours', 'd'))
      compare(row, theirs, ours)
      assert.ok(JSON.stringify(ours[0]?.said.result).includes('ndots:5'))
    }),
  )
})
