/**
 * Measures ADD and DEL of one container on this node, in turn, in one run: the ip runner, the exec runner with the
 * plugins' binaries, the bare binaries, and netavark with a bridge like theirs. `--json FILE` keeps the figures. Needs
 * dist, root, the standard plugins; everything happens in a network namespace of its own.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { medianOf, samplesOf } from './paired-samples.mjs'

const built = (name) => import(new URL(name, import.meta.url).href)
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    json: { type: 'string' },
    plugins: { type: 'string' },
    subject: { type: 'string', multiple: true },
    inside: { type: 'boolean', default: false },
  },
})
/** The most that the ip runner may take of what the exec runner takes. */
const bar = 0.85
const netavark = '/usr/lib/podman/netavark'
const run = (command, ...args) => {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return stdout
  throw new Error(`${[command, ...args].join(' ')}: ${error?.message ?? stderr}`)
}
/** The directory of the plugins' binaries. */
const findPlugins = () =>
  run(process.execPath, fileURLToPath(new URL('../scripts/plugins.mjs', import.meta.url))).trim()
/** Runs this file again in namespaces of its own, so that nothing on the machine changes. */
const isolate = () => {
  const quiet =
    'mount -t tmpfs none /run && mount -t sysfs none /sys && mkdir -p /run/netns && ip link set lo up && exec "$@"'
  const own = [process.execPath, ...process.argv.slice(1)]
  const inside = ['--inside', '--plugins', values.plugins ?? findPlugins()]
  const words = ['--net', '--mount', 'sh', '-ec', quiet, 'sh', ...own, ...inside]
  const { status, error } = spawnSync('unshare', words, { stdio: 'inherit' })
  if (error !== undefined) console.error(`bench-node: ${error.message}`)
  process.exit(status ?? 1)
}
const never = new AbortController().signal
/** What is attached: the configuration by a name of the engine's own, so that no two share a bridge or a lease. */
const subjects = {
  bridge: (own, dataDir) => ({
    type: 'bridge',
    bridge: `${own}0`,
    isGateway: true,
    ipam: { type: 'host-local', subnet: '10.213.0.0/16', dataDir },
  }),
  ptp: (_, dataDir) => ({
    type: 'ptp',
    ipam: { type: 'host-local', subnet: '10.214.0.0/16', dataDir, routes: [{ dst: '0.0.0.0/0' }] },
  }),
  macvlan: (_, dataDir) => ({
    type: 'macvlan',
    master: 'up0',
    ipam: { type: 'host-local', subnet: '10.215.0.0/16', dataDir },
  }),
}
const invocationOf = (verb, config, id, netns) => ({
  type: config.type,
  verb,
  stdin: { cniVersion: '1.0.0', name: 'bench', ...config },
  env: {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: id,
    CNI_NETNS: netns,
    CNI_IFNAME: 'eth0',
    CNI_ARGS: '',
    CNI_PATH: values.plugins ?? '',
  },
  path: [values.plugins ?? ''],
})
const withRunner = (runner, config, netns) => {
  const call = async (verb, id) => {
    const answer = await runner.run(invocationOf(verb, config, id, netns), never)
    if (answer.kind !== 'success') throw new Error(`${verb}: ${JSON.stringify(answer)}`)
  }
  return { add: (id) => call('ADD', id), del: (id) => call('DEL', id) }
}
const start = (file, args, env, stdin) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (text) => {
      said += text
    })
    child.stderr.on('data', (text) => {
      said += text
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${file}: ${said}`))))
    child.stdin.end(stdin)
  })
const bare = (config, netns) => {
  const call = (verb, id) => {
    const { type, stdin, env } = invocationOf(verb, config, id, netns)
    return start(
      join(values.plugins ?? '', type),
      [],
      { ...process.env, ...env },
      JSON.stringify(stdin),
    )
  }
  return { add: (id) => call('ADD', id), del: (id) => call('DEL', id) }
}
/** Netavark makes the same bridge, without its firewall; the address is given to it, as podman does. */
const withNetavark = (netns) => {
  let next = 1
  const config = (id) => {
    const address = `10.216.${next >> 8}.${next & 255}`
    return JSON.stringify({
      container_id: id,
      container_name: id,
      networks: { bench: { interface_name: 'eth0', static_ips: [address] } },
      network_info: {
        bench: {
          name: 'bench',
          id: 'b'.repeat(64),
          driver: 'bridge',
          network_interface: 'nv0',
          subnets: [{ subnet: '10.216.0.0/16', gateway: '10.216.0.1' }],
          ipv6_enabled: false,
          internal: true,
          dns_enabled: false,
          ipam_options: { driver: 'host-local' },
        },
      },
    })
  }
  const call = (verb, text) => start(netavark, [verb, netns], process.env, text)
  let last = ''
  return {
    add: (id) => {
      next++
      last = config(id)
      return call('setup', last)
    },
    del: () => call('teardown', last),
  }
}
const addPod = (name) => {
  run('ip', 'netns', 'add', name)
  run('ip', '-n', name, 'link', 'set', 'lo', 'up')
  return `/run/netns/${name}`
}
const measure = async (folder) => {
  const { createIpRunner } = await built('../dist/runners/ip.js')
  const { createExecRunner } = await built('../dist/runners/exec.js')
  const node = await built('../dist/runners/node.js')
  const native = createIpRunner({ env: process.env })
  // The starter that the compiled plugin uses: faster than execa, and so the harder yardstick.
  const exec = createExecRunner({ env: process.env, start: node.start })
  run('ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1')
  for (const name of ['up0', 'up1']) run('ip', 'link', 'set', name, 'up')
  const rounds = Number(values.rounds)
  const figures = []
  let isMet = true
  for (const subject of values.subject ?? Object.keys(subjects)) {
    const configure = subjects[subject]
    if (configure === undefined) throw new Error(`no subject ${subject}`)
    const engines = {}
    const use = (name, make) => {
      const short = name.slice(0, 4).replaceAll(' ', '')
      const config = configure(short, join(folder, `${subject}-${short}`))
      engines[name] = make(config, addPod(`${subject}-${short}`))
    }
    use('ip runner', (config, netns) => withRunner(native, config, netns))
    use('exec runner', (config, netns) => withRunner(exec, config, netns))
    use('bare binaries', bare)
    if (subject === 'bridge' && spawnSync(netavark, ['--version']).status === 0) {
      engines.netavark = withNetavark(addPod('bridge-netavark'))
    }
    const samples = await samplesOf(engines, rounds)
    isMet = report(subject, samples, figures) && isMet
  }
  if (values.json !== undefined) {
    const machine = { cores: availableParallelism(), node: process.version, arch: process.arch }
    mkdirSync(dirname(values.json), { recursive: true })
    writeFileSync(values.json, `${JSON.stringify({ machine, rounds, figures }, null, 2)}\n`)
  }
  if (!isMet) {
    console.error(`the ip runner takes more than ${bar} of the exec runner's time`)
    process.exitCode = 1
  }
}
const report = (subject, samples, figures) => {
  let isMet = true
  for (const verb of ['add', 'del']) {
    const own = samples['ip runner']?.[verb] ?? []
    for (const [engine, times] of Object.entries(samples)) {
      const ratio = medianOf(times[verb].map((time, index) => (own[index] ?? 0) / time))
      const milliseconds = medianOf(times[verb])
      figures.push({ subject, verb, engine, milliseconds, ratio })
      const share = engine === 'ip runner' ? '' : `  ip runner takes ${ratio.toFixed(2)} of it`
      console.log(
        `${subject.padEnd(8)} ${verb.toUpperCase()}  ${engine.padEnd(14)} ${milliseconds.toFixed(2).padStart(7)} ms${share}`,
      )
      if (engine === 'exec runner' && ratio > bar) isMet = false
    }
  }
  return isMet
}
if (process.getuid?.() !== 0) {
  console.error('bench-node: it makes network namespaces: run it as root')
  process.exit(1)
}
if (!values.inside) isolate()
const folder = mkdtempSync(join(tmpdir(), 'metacni-bench-'))
try {
  await measure(folder)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
