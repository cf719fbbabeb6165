import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as assert from 'uvu/assert'
import { readRunningCalls } from '../../runners/host/running-calls.js'
import { describe } from '../suite.js'

/** A process with these variables, while `body` looks. */
const during = async (env: Readonly<Record<string, string>>, body: (pid: number) => void) => {
  const script = 'console.log(1); process.stdin.resume()'
  const child = spawn(process.execPath, ['-e', script], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    await once(child.stdout, 'data')
    body(child.pid ?? 0)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}

const containerId = `running-calls-${process.pid}`
const mine = () => readRunningCalls().filter((one) => one.containerId === containerId)

describe('the calls of plugins that go on (SPEC "Parameters")', (it) => {
  const call = { CNI_CONTAINERID: containerId, CNI_IFNAME: 'net1', CNI_NETNS: '/run/netns/a' }

  it('are processes that were started with the variables of an ADD or a DEL', async () => {
    for (const verb of ['ADD', 'DEL']) {
      await during({ ...call, CNI_COMMAND: verb }, (pid) => {
        const netns = `/proc/${pid}/root/run/netns/a`
        assert.equal(mine(), [{ verb, pid, plugin: 'node', containerId, ifname: 'net1', netns }])
      })
    }
    assert.equal(mine(), [])
  })

  it('may have no namespace, and no other verb is one that makes or removes a link', async () => {
    await during({ ...call, CNI_COMMAND: 'DEL', CNI_NETNS: '' }, () => {
      assert.is(mine()[0]?.netns, '')
    })
    await during({ ...call, CNI_COMMAND: 'CHECK' }, () => assert.equal(mine(), []))
  })

  it('are one where a plugin has started another one for the same interface', async () => {
    const add = { ...call, CNI_COMMAND: 'ADD' }
    const first = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { env: add })
    try {
      await during(add, () => assert.is(mine().length, 1))
    } finally {
      first.kill('SIGKILL')
      await once(first, 'exit')
    }
  })
})
