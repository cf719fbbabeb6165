/**
 * Decides how `metacni net gc` goes: what is cached of one network and not valid is undone by its own cached
 * configuration (divergence X-18), then the network's plugins are told. Does nothing where `disableGC` is set.
 */
import { isOn } from '../../lib/cni/flag.js'
import { printable } from '../../lib/cni/printable.js'
import { drive } from '../../lib/drive.js'
import { ownedBy } from '../../lib/engine/outcome.js'
import {
  type Deleted,
  type Outcome,
  type StepReport,
  type Surveyed,
  toCniError,
} from '../../lib/index.js'
import { collectionOf, tellCollection } from './collection.js'
import { type Refusal, refusalOf, tellRefusedCall } from './failure.js'
import { createInputReader } from './input-text.js'
import { exitCodes, interruptible } from './interruption.js'
import { engineFor, forgotten, recordFor, wholeOf } from './net-cache.js'
import { findNetwork, planOf } from './net-network.js'
import { type NetOptions, openPorts } from './net-ports.js'
import { readNetPlaces } from './net-request.js'
import type { Terminal } from './terminal.js'
import { readValidAttachments } from './valid-attachments.js'

/** The options of `metacni net gc`. */
export interface NetCollectOptions extends NetOptions {
  readonly validAttachments: string
}

/** Collects what is stale of a network; the exit code. */
export const collectNetwork = async (
  network: string,
  options: NetCollectOptions,
  terminal: Terminal,
): Promise<number> => {
  const during = 'ending the plugin that runs; what is left stays in the cache'
  const { value, interrupt } = await interruptible(terminal, during, (signal) =>
    collectUnder(network, options, terminal, signal),
  )
  return interrupt !== undefined && value !== 0 ? exitCodes[interrupt] : value
}

const collectUnder = async (
  name: string,
  options: NetCollectOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> => {
  const places = readNetPlaces(terminal.env)
  const reader = createInputReader(terminal, signal)
  const valid = await readValidAttachments(options.validAttachments, reader)
  if (!places.ok || !valid.ok) {
    const problems = [places, valid].flatMap((one) => (one.ok ? [] : one.problems))
    return tellRefusedCall(terminal, options.output, refusalOf(problems))
  }
  const { path, configurationDirectory } = places.value
  const found = findNetwork(name, configurationDirectory)
  if (!found.ok) return tellRefusedCall(terminal, options.output, found.refusal)
  const network = found.value
  if (isOn(network.config.disableGC)) {
    terminal.stderr.write(`disableGC is set for ${printable(name)}: nothing is collected\n`)
    return tellCollection(terminal, options.output, collectionOf([], []))
  }
  const ports = openPorts(options, places.value, terminal)
  const listed = await ports.cache.list()
  const outcomes: Outcome<Deleted | Told>[] = []
  if (!listed.ok) outcomes.push(failed(listed.message))
  const isValid = setOf(valid.value)
  for (const one of listed.ok ? listed.value : []) {
    const { containerId, ifname, netns = '', capabilityArgs = {}, request } = one
    if (one.networkName !== name || isValid(containerId, ifname)) continue
    // Of a meta-plugin's attachments the runtime knows the request alone.
    if (request !== undefined && isValid(containerId, request.ifname)) continue
    const rest = { containerId, ifname, netns, capabilityArgs }
    const whole = wholeOf(one, configurationDirectory)
    if (!whole.ok) {
      outcomes.push(broken(whole.refusal))
      continue
    }
    const cached = whole.value
    const readable = recordFor(cached) === undefined ? forgotten(network, rest) : cached
    const engine = engineFor(ports, ifname, readable)
    const outcome = await engine.del({ containerId, ifname, path }, { signal })
    outcomes.push(ownedBy(outcome, containerId))
    if (!outcome.ok) continue
    const removed = await ports.cache.remove(one)
    if (!removed.ok) outcomes.push(failed(removed.message))
  }
  // Alone: the cache knows what of a network is valid, and the caller says so itself.
  const { attachments } = planOf(network, { ifname: '', capabilityArgs: undefined })
  const command = { verb: 'GC', attachments, path, valid: valid.value } as const
  const survey = (await drive(ports, undefined, command, signal)) as Outcome<Surveyed>
  const told: Outcome<Told> = survey.ok
    ? { ok: true, value: { collected: survey.value.checked, skipped: survey.value.skipped } }
    : survey
  return tellCollection(terminal, options.output, collectionOf([...outcomes, told], [network]))
}

interface Told {
  readonly collected: readonly StepReport[]
  readonly skipped: readonly StepReport[]
}

const setOf = (
  valid: readonly { readonly containerID: string; readonly ifname: string }[],
): ((containerId: string, ifname: string) => boolean) => {
  const keys = new Set(
    valid.map(({ containerID, ifname }) => JSON.stringify([containerID, ifname])),
  )
  return (containerId, ifname) => keys.has(JSON.stringify([containerId, ifname]))
}

const broken = ({ problems }: Refusal): Outcome<never> => ({
  ...{ ok: false, error: { kind: 'bad-request', error: toCniError(problems) } },
  ...{ undone: [], left: [] },
})

const failed = (message: string): Outcome<never> => ({
  ...{ ok: false, error: { kind: 'journal', message }, undone: [], left: [] },
})
