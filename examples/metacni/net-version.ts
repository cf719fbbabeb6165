/**
 * Decides what `metacni net version` prints: what each plugin of a network supports, by its own word, and whether the
 * network's version is among it (reference/cni.md 2.13). Fails where it is not.
 */
import { printable } from '../../lib/cni/printable.js'
import { type Validated, validateNetwork } from '../../lib/index.js'
import { paletteFor } from './colours.js'
import { problemText, refusalOf, tellRefusedCall } from './failure.js'
import { exitCodes, interruptible } from './interruption.js'
import { findNetwork } from './net-network.js'
import { type NetOptions, openPorts } from './net-ports.js'
import { readNetPlaces } from './net-request.js'
import { isDataFormat, printData } from './output.js'
import type { Terminal } from './terminal.js'

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
  const { runner } = openPorts(options, places.value, terminal)
  const validated = await validateNetwork({ runner }, found.value, { path, signal })
  if (isDataFormat(options.output)) {
    await printData(terminal.stdout, options.output, { name, ...dataOf(validated) })
  } else await printTable(validated, terminal)
  return validated.ok ? 0 : 1
}

const dataOf = (validated: Validated): object => {
  const { ok: supported, cniVersion } = validated
  const plugins = validated.plugins.map(({ problem, ...plugin }) =>
    // Where it told its versions, they say what is wrong.
    plugin.supportedVersions || !problem ? plugin : { ...plugin, error: problem.message },
  )
  return validated.ok
    ? { cniVersion, supported, plugins, capabilities: validated.capabilities }
    : { cniVersion, supported, plugins, problems: validated.problems }
}

const printTable = async (
  validated: Validated,
  { stdout, stderr, env }: Terminal,
): Promise<void> => {
  const { textTable } = await import('./text-table.js')
  const { cniVersion, plugins } = validated
  const head = ['plugin', 'supports', printable(cniVersion)]
  const rows = plugins.map(({ type, supportedVersions, supported }) => [
    printable(type),
    supportedVersions === undefined ? '-' : printable(supportedVersions.join(' ')),
    supported ? 'yes' : 'no',
  ])
  stdout.write(textTable({ head, rows }, paletteFor(stdout, env), stdout.columns))
  if (!validated.ok) stderr.write(problemText(validated.problems, paletteFor(stderr, env)))
}
