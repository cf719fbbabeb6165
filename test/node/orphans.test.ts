import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { orphansOf, outliveOrphans } from '../../runners/node/orphans.js'
import { isGroupAlive } from '../../runners/node/process-group.js'
import { describe, type It } from '../suite.js'

const type = `orphan-${process.pid}`
const call = { type, containerId: 'c1', ifname: 'eth0' }
const never = new AbortController().signal
// A child bears the plugin's name until it has become another program: it is that one that says it.
const sleep = (seconds: number) => `sh -c 'echo begun; exec sleep ${seconds}'`
const variables = { PATH: process.env.PATH ?? '', CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0' }

/** A test with a program of the plugin's name, started as plugins are, whose script says when it has begun. */
const withProgram = (
  it: It,
  title: string,
  script: string,
  body: (pid: number, child: ChildProcess, restart: typeof begin) => Promise<void>,
): void =>
  it(title, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'metacni-orphans-'))
    const file = join(folder, type)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    const children: ChildProcess[] = []
    try {
      const child = await begin(file, variables, children)
      await body(child.pid ?? 0, child, (_, env) => begin(file, env, children))
    } finally {
      for (const { pid } of children) if (pid && isGroupAlive(pid)) process.kill(-pid, 'SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    }
  })

const begin = async (
  file: string,
  env: Readonly<Record<string, string>>,
  children: ChildProcess[] = [],
): Promise<ChildProcess> => {
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
  const child = spawn(file, [], { env, detached: true, stdio })
  children.push(child)
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

describe('a plugin call that outlived its process', (it) => {
  withProgram(
    it,
    'is found by its name, the container and the interface; others are not',
    `${sleep(60)}; :`,
    async (pid, _, restart) => {
      await restart('', { ...variables, CNI_CONTAINERID: 'c2' })
      await restart('', { ...variables, CNI_IFNAME: 'eth1' })
      assert.equal(orphansOf(call), [pid])
      assert.equal(orphansOf({ ...call, type: 'bridge' }), [])
      assert.equal(orphansOf({ ...call, containerId: 'c' }), [])
    },
  )

  withProgram(it, 'is waited for', `${sleep(0.3)}; :`, async () => {
    assert.is(await outliveOrphans(call, never), 'gone')
    assert.equal(orphansOf(call), [])
  })

  withProgram(
    it,
    'is killed with what it has started when the signal fires',
    `sleep 60 & ${sleep(60)}; :`,
    async (pid) => {
      assert.is(await outliveOrphans(call, AbortSignal.timeout(20)), 'killed')
      assert.equal([orphansOf(call), isGroupAlive(pid)], [[], false])
    },
  )

  it('is nobody where nothing of it runs', async () => {
    assert.is(await outliveOrphans({ ...call, containerId: 'c9' }, AbortSignal.abort()), 'gone')
  })
})
