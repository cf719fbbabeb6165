/**
 * Decides what `make demo-node` shows: ADD, CHECK and DEL of a bridge network in real namespaces, with real plugins or,
 * with RUNNER=ip, without any. The node, too, is a namespace of its own, so that nothing on the machine changes. Needs
 * root; cleans up whatever happens.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unpackPackage } from './debian.mjs'
import { say, type } from './typing.mjs'

const project = fileURLToPath(new URL('..', import.meta.url))
const program = join(project, 'dist/bin/metacni.cjs')
const node = 'metacni-demo-node'
const pod = 'metacni-demo-pod'
const gateway = '10.213.99.1'
const runner = process.env.RUNNER || 'exec'

const network = (dataDir) => ({
  cniVersion: '1.0.0',
  name: 'demo-bridge',
  plugins: [
    {
      type: 'bridge',
      bridge: 'metacni-demo0',
      isDefaultGateway: true,
      ipam: { type: 'host-local', subnet: '10.213.99.0/24', dataDir },
    },
  ],
})

/** Runs a program without showing it, and gives its status and output. */
const ask = (command, ...args) => spawnSync(command, args, { encoding: 'utf8' })

/** Runs a program whose failure ends the demonstration. `args` are words, or lists of words that stay together. */
const run = (command, args, shown = [command, args]) => {
  say(type(...shown))
  const { status, error } = spawnSync(command, args.flat(), { stdio: 'inherit' })
  if (status !== 0)
    throw new Error(`${shown[0]} failed: ${error?.message ?? `exit code ${status}`}`)
}

const metacni = (...options) => {
  const inside = ['netns', 'exec', node]
  const shown = [`ip netns exec ${node} metacni`, options]
  run('ip', [...inside, process.execPath, program, ...options], shown)
}

/** Why the demonstration cannot begin, or undefined. */
const obstacle = () => {
  if (runner !== 'exec' && runner !== 'ip') return `RUNNER is exec or ip, not ${runner}`
  if (process.getuid?.() !== 0) return 'it makes network namespaces: run it as root'
  if (!existsSync(program)) return 'dist/bin/metacni.cjs is missing: npm run build makes it'
  if (ask('ip', '-V').error !== undefined) return 'ip is missing: install iproute2'
  const taken = ask('ip', 'netns', 'list').stdout.split(/\s+/)
  const own = [node, pod].find((name) => taken.includes(name))
  return own && `there is a network namespace ${own} already: ip netns del ${own}`
}

const findPlugins = () => {
  const { status, stdout, stderr } = ask(process.execPath, join(project, 'scripts/plugins.mjs'))
  if (status !== 0) throw new Error(`no plugins: ${stderr.trim()}`)
  return stdout.trim()
}

/** The machine's ping, or Debian's, unpacked beside the plugins; undefined where neither can be had. */
const findPing = () => {
  if (ask('ping', '-V').error === undefined) return 'ping'
  const cache = join(project, '.cache/iputils-ping')
  const unpacked = ['bin/ping', 'usr/bin/ping'].map((file) => join(cache, file))
  try {
    if (!unpacked.some(existsSync)) unpackPackage('iputils-ping', cache)
  } catch {
    return undefined
  }
  return unpacked.find((file) => existsSync(file) && ask(file, '-V').status === 0)
}

/** Whether the gateway answers: by ping, or where there is none by refusing a connection. */
const reachGateway = () => {
  const inPod = ['netns', 'exec', pod]
  const ping = findPing()
  if (ping !== undefined) return run('ip', [...inPod, ping, ['-c', '1'], ['-W', '5'], gateway])
  say('\n# There is no ping here. A connection that the gateway refuses has reached it, too:')
  const probe = [...inPod, 'timeout', '5', 'bash', ['-c', `</dev/tcp/${gateway}/9`]]
  say(type('ip', probe))
  const { stderr } = ask('ip', ...probe.flat())
  say(stderr.trim())
  if (!/refused/i.test(stderr)) throw new Error(`the gateway ${gateway} does not answer`)
}

const demonstrate = (folder) => {
  const plugins = runner === 'exec' ? [['--bin-dir', findPlugins()]] : []
  const stateDir = join(folder, 'state')
  writeFileSync(join(folder, 'demo-bridge.conflist'), JSON.stringify(network(join(folder, 'ipam'))))
  say('# A node and a pod, each a network namespace:')
  run('ip', ['netns', 'add', node])
  run('ip', ['netns', 'add', pod])
  const container = [
    ['--container-id', 'demo'],
    ['--state-dir', stateDir],
    ...(runner === 'exec' ? [] : [['--runner', runner]]),
  ]
  if (runner === 'ip') {
    say('\n# Who would carry it out:')
    metacni('plan', ['--networks', 'demo-bridge'], ['--conf-dir', folder], ['--runner', runner])
  }
  say('\n# Attach the pod to a bridge of the node:')
  metacni(
    'add',
    ['--netns', `/run/netns/${pod}`],
    ...container,
    ['--networks', 'demo-bridge'],
    ['--conf-dir', folder],
    ...plugins,
    ['-o', 'table'],
  )
  say('\n# What the kernel says:')
  run('ip', ['-n', pod, 'address', 'show'])
  reachGateway()
  say('\n# Still as it was made, and gone; no news is good news:')
  metacni('check', ...container)
  metacni('del', ...container)
  run('ip', ['-n', pod, 'address', 'show'])
}

const cleanUp = (folder) => {
  // With its namespace a bridge goes, and with one end of a pair the other.
  for (const name of [pod, node]) ask('ip', 'netns', 'del', name)
  rmSync(folder, { recursive: true, force: true })
}

const reason = obstacle()
if (reason !== undefined) {
  console.error(`demo-node: ${reason}`)
  process.exit(1)
}
const folder = mkdtempSync(join(tmpdir(), 'metacni-demo-'))
// The running command gets the signal as well, and fails: that ends the demonstration.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
try {
  demonstrate(folder)
} catch (error) {
  console.error(`demo-node: ${error.message}`)
  process.exitCode = 1
} finally {
  cleanUp(folder)
}
