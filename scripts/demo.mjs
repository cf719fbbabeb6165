/**
 * Decides what `make demo` shows: both pods of the TKE fork's README on a simulated node, by the built command line. Each
 * command is printed as a reader would type it, before its output. Refuses to go on after a command that fails.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { say, type } from './typing.mjs'

const project = fileURLToPath(new URL('..', import.meta.url))
const program = join(project, 'dist/bin/metacni.cjs')
const inputs = relative(process.cwd(), join(project, 'examples/tke'))

/** The options by which a pod is planned. */
const planOf = (pod) => [
  ['--pod', `${inputs}/pods/${pod}.yaml`],
  ['--config', `${inputs}/00-multus.three-delegates.conf`],
  ['--conf-dir', `${inputs}/net.d`],
]

const metacni = (...options) => {
  say(type('metacni', options))
  const args = [program, ...options.flat()]
  const { status, signal, error } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status === 0) return
  throw new Error(
    `metacni ${options[0]} failed: ${error?.message ?? signal ?? `exit code ${status}`}`,
  )
}

const show = (pod, heading, stateDir) => {
  const container = [
    ['--netns', `/run/netns/${pod}`],
    ['--container-id', pod],
  ]
  say(`\n# ${heading}\n\n# What it will get:`)
  metacni('plan', ...planOf(pod))
  say('\n# What the runtime would be told, rehearsed on a node that lives for the call:')
  metacni('add', ['--runner', 'memory'], ...container, ...planOf(pod))
  say('\n# The same on a node that is kept, and what the pod then has:')
  metacni('add', ['--runner', 'memory'], ['--state-dir', stateDir], ...container, ...planOf(pod), [
    '-o',
    'table',
  ])
}

const demonstrate = (stateDir) => {
  show('annotated', 'A pod whose annotation names three networks, the third as "north"', stateDir)
  show('plain', 'A pod without an annotation: it gets the default networks', stateDir)
  say('\n# All is as it was made, and goes again; no news is good news:')
  for (const pod of ['annotated', 'plain']) {
    const container = [
      ['--container-id', pod],
      ['--state-dir', stateDir],
    ]
    metacni('check', ...container)
    metacni('del', ...container)
  }
}

if (!existsSync(program)) {
  console.error(`demo: ${relative('.', resolve(program))} is missing: npm run build makes it`)
  process.exit(1)
}
// The running command gets the signal as well, and fails: that ends the demonstration.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
const stateDir = mkdtempSync(join(tmpdir(), 'metacni-demo-'))
try {
  demonstrate(stateDir)
} catch (error) {
  console.error(`demo: ${error.message}`)
  process.exitCode = 1
} finally {
  rmSync(stateDir, { recursive: true, force: true })
}
