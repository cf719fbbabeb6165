/**
 * Decides what `metacni net version` prints: what each plugin of a network supports, by its own word, and whether the
 * network's version is among it (reference/cni.md 2.13). Fails where it is not.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import { versionOrDefault } from '../../lib/cni/version.js'
import { supportedVersionsOf, versionInvocation } from '../../lib/cni/version-reply.js'
import type { Runner } from '../../lib/index.js'
import { printable } from '../../lib/plan/text.js'
import { paletteFor } from './colours.js'
import { refusalOf, tellRefusedCall } from './failure.js'
import { exitCodes, interruptible } from './interruption.js'
import { findNetwork } from './net-network.js'
import { type NetOptions, openPorts } from './net-ports.js'
import { readNetPlaces } from './net-request.js'
import { isDataFormat, printData } from './output.js'
import type { Terminal } from './terminal.js'

/** What one plugin says. */
interface PluginVersions {
  readonly type: string
  readonly supportedVersions?: readonly string[]
  /** Why it told none. */
  readonly error?: string
  /** Whether the network's version is among them. */
  readonly supported: boolean
}

/** Prints the versions of a network's plugins; the exit code. */
export const printVersions = async (
  network: string,
  options: NetOptions,
  terminal: Terminal,
): Promise<number> => {
  const during = 'ending the plugin that runs'
  const { value, interrupt } = await interruptible(terminal, during, (signal) =>
    printUnder(network, options, terminal, signal),
  )
  return interrupt !== undefined && value !== 0 ? exitCodes[interrupt] : value
}

const printUnder = async (
  name: string,
  options: NetOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> => {
  const places = readNetPlaces(terminal.env)
  if (!places.ok) return tellRefusedCall(terminal, options.output, refusalOf(places.problems))
  const { path, configurationDirectory } = places.value
  const found = findNetwork(name, configurationDirectory)
  if (!found.ok) return tellRefusedCall(terminal, options.output, found.refusal)
  const { config } = found.value
  const cniVersion = versionOrDefault(config.cniVersion)
  const { runner } = openPorts(options, places.value, terminal)
  const plugins: PluginVersions[] = []
  for (const { type } of config.plugins) {
    plugins.push(await ask(runner, type, path, cniVersion, signal))
  }
  const supported = plugins.every((plugin) => plugin.supported)
  if (isDataFormat(options.output)) {
    await printData(terminal.stdout, options.output, { name, cniVersion, supported, plugins })
  } else await printTable(plugins, cniVersion, terminal)
  return supported ? 0 : 1
}

const ask = async (
  runner: Runner,
  type: string,
  path: readonly string[],
  cniVersion: string,
  signal: AbortSignal,
): Promise<PluginVersions> => {
  const versions = supportedVersionsOf(await runner.run(versionInvocation(type, path), signal))
  if (isLeft(versions)) return { type, error: versions.left, supported: false }
  const supportedVersions = versions.right
  return { type, supportedVersions, supported: supportedVersions.includes(cniVersion) }
}

const printTable = async (
  plugins: readonly PluginVersions[],
  cniVersion: string,
  { stdout, stderr, env }: Terminal,
): Promise<void> => {
  const { textTable } = await import('./text-table.js')
  const head = ['plugin', 'supports', printable(cniVersion)]
  const rows = plugins.map(({ type, supportedVersions, supported }) => [
    printable(type),
    supportedVersions === undefined ? '-' : printable(supportedVersions.join(' ')),
    supported ? 'yes' : 'no',
  ])
  stdout.write(textTable({ head, rows }, paletteFor(stdout, env), stdout.columns))
  const palette = paletteFor(stderr, env)
  for (const { type, error, supported } of plugins) {
    if (supported) continue
    const why = error ?? `does not support config version ${JSON.stringify(cniVersion)}`
    stderr.write(`${palette.bad('error')}: plugin ${printable(`${type}: ${why}`)}\n`)
  }
}
