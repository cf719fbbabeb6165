/**
 * Decides what is done at a point and what must hold after it: DEL of a fresh process succeeds and leaves nothing but
 * what every pod leaves, and the next ADD and DEL do, too.
 */
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { runWithFault, type Tools } from './inject.js'
import { type CrashNode, createNode, places } from './node.js'
import type { Place, Point } from './point.js'
import { programs, type Verb } from './programs.js'
import { type Ended, run } from './run.js'

/**
 * What came of a point. `missed`: the call was made in none of the tries, so that nothing failed. `known`: a plugin that was
 * killed has left what its own DEL does not find again, and nobody but the plugin can.
 */
export interface Outcome {
  readonly point: Point
  readonly kind: 'clean' | 'missed' | 'known' | 'finding'
  /** What was found, in lines. */
  readonly lines: readonly string[]
}

/** What is there for all pods of a node, and stays when one of them goes. */
const lasting: readonly RegExp[] = [
  /^(?:link|address) .*\b(?:lo|crash0|uplink[01]) of the (?:node|pod)$/,
  /^-P /,
  // portmap's own chains, which it makes once; no container's name is in them.
  /^-[AN] (?:(?:PREROUTING|OUTPUT|POSTROUTING) .*-j )?CNI-HOSTPORT-(?:DNAT|MASQ|SETMARK)(?: -m (?:mark|comment) .*)?$/,
  /^\/var\/lib\/cni(?:\/(?:multus|multus\/\.metacni|multus\/results|cache|cache\/results|networks))?$/,
  /^\/var\/lib\/cni\/networks\/\w+(?:\/(?:lock|last_reserved_ip\.0))?$/,
  /^\/run\/(?:xtables\.lock|cni|cni\/tuning)$/,
]

/** What is left on a node and should not be. */
export const leftOn = (node: CrashNode): readonly string[] =>
  node
    .inventory()
    .filter((line) => !lasting.some((pattern) => pattern.test(line)))
    .map((line) => (isEmptyLease(node, line) ? `${line} (empty)` : line))

const isEmptyLease = (node: CrashNode, line: string): boolean =>
  /^\/var\/lib\/cni\/networks\/\w+\/[0-9a-f.:]+$/.test(line) && statSync(node.at(line)).size === 0

/** How often a point is tried whose call is not made: threads wake each other as chance has it, and move the nth one. */
const tries = 5

/** Makes a node, lets it fail at the point, and looks. */
export const play = async (point: Point, tools: Tools): Promise<Outcome> => {
  let outcome = await playOnce(point, tools)
  for (let left = tries - 1; left > 0 && outcome.kind === 'missed'; left--)
    outcome = await playOnce(point, tools)
  return outcome
}

const playOnce = async (point: Point, tools: Tools): Promise<Outcome> => {
  const node = await createNode(tools.plugins)
  try {
    return await playOn(node, point, tools)
  } finally {
    for (const pid of node.processes()) kill(pid)
    node.release()
  }
}

const playOn = async (node: CrashNode, point: Point, tools: Tools): Promise<Outcome> => {
  const program = programs[point.program]
  const lines: string[] = []
  const callOf = (verb: Verb) => program(tools.files, node, verb)
  const fail = async (place: Place): Promise<boolean> => {
    // Otherwise plugins would end before a DEL has begun.
    if (point.orphans === 'now') writeFileSync(node.at(places.slowness), '')
    const { hit, ...ended } = await runWithFault(node, callOf(place.verb), place, tools)
    // A program that is killed has said nothing; one that a call failed under has undone what it did.
    if (
      hit &&
      isProgram(place) &&
      place.fault !== 'kill' &&
      place.verb === 'add' &&
      ended.code !== 0
    ) {
      const made = leftOn(node).filter((line) => !line.startsWith('/var/lib/cni/multus/'))
      if (made.length > 0) lines.push(`ADD failed and left: ${made.join('; ')}`, ...wordsOf(ended))
    }
    rmSync(node.at(places.slowness), { force: true })
    await settle(node, point.orphans)
    return hit
  }
  const want = async (verb: Verb, when: string): Promise<void> => {
    const ended = await run(node, callOf(verb))
    if (ended.code !== 0) lines.push(`${verb.toUpperCase()} ${when} failed`, ...wordsOf(ended))
  }
  const look = async (when: string): Promise<void> => {
    await settle(node, 'wait')
    const left = leftOn(node)
    if (left.length > 0) lines.push(`left ${when}:`, ...left.map((line) => `  ${line}`))
  }

  const [first, second] = point.places
  if (first.verb === 'del') await want('add', 'before the crash')
  let hit = await fail(first)
  if (second !== undefined) hit = (await fail(second)) && hit
  await want('del', 'after the crash')
  await look('after the DEL')
  if (isPluginsOwn(point, lines)) return { point, kind: 'known', lines }
  await want('add', 'after all that')
  await want('del', 'after all that')
  await look('after another ADD and DEL')
  if (isPluginsOwn(point, lines) || failsOnce(point, lines)) return { point, kind: 'known', lines }
  const kind = lines.length > 0 ? 'finding' : hit ? 'clean' : 'missed'
  return { point, kind, lines }
}

const pluginsOwn =
  /^ {2}(?:-[AN] .*\bCNI-[0-9a-f]{24}\b|\/run\/cni\/tuning\/\w+\.json$|\/var\/lib\/cni\/networks\/\S+ \(empty\)$)/

/** What macvlan has not given its name yet. */
const unnamed = /^ {2}link veth[0-9a-f]{8} of the pod$/

/**
 * What plugins leave that are killed, and do not mend themselves. host-local makes a lease empty, and then writes to whom it
 * belongs; nobody's DEL finds one that is empty. bridge and ptp delete their link before the rules that
 * masquerade for its address, and without the link their DEL does not look for those. A bridge whose first ADD was cut
 * short has lost its hardware address, and the plugin then refuses every pod. macvlan makes its link under a name of chance,
 * and its DEL looks for the other one; it goes with the pod. tuning does not remove a backup of a link's
 * attributes that it has written in part.
 */
const isPluginsOwn = ({ places, orphans }: Point, [first, ...rest]: readonly string[]): boolean => {
  if (orphans !== 'kill' && places.every(isProgram)) return false
  const isMacvlan = places.some(({ where }) => where === 'macvlan')
  if (first === 'left after the DEL:')
    return rest.every((line) => pluginsOwn.test(line) || (isMacvlan && unnamed.test(line)))
  return (
    first === 'ADD after all that failed' &&
    rest.every((line) => line.startsWith('  ')) &&
    rest.some((line) => line.includes("could not set bridge's mac"))
  )
}

/**
 * bridge and ptp that are killed before they have made their chain fail the next DEL, which has removed their link by then.
 * It must stay recorded, and be undone before the next ADD: then nothing is said of that one.
 */
const failsOnce = ({ orphans, places }: Point, [first, ...rest]: readonly string[]): boolean => {
  if (orphans !== 'kill' && places.every(isProgram)) return false
  const [said, left] = [
    rest.indexOf('left after the DEL:'),
    rest.slice(rest.indexOf('left after the DEL:') + 1),
  ]
  return (
    first === 'DEL after the crash failed' &&
    said > 0 &&
    rest.slice(0, said).some((line) => /Chain 'CNI-[0-9a-f]{24}' does not exist/.test(line)) &&
    left.every((line) => line.startsWith('  /var/lib/cni/multus/'))
  )
}

const isProgram = ({ where }: Place): boolean => where === 'main' || where === 'pool'

const wordsOf = ({ code, signal, stdout, stderr }: Ended): readonly string[] =>
  `exit ${code ?? signal}\n${stdout}${stderr}`
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)

const settleMilliseconds = 120_000

/** Waits for what outlives the program, or ends it first, or does neither. */
const settle = async (node: CrashNode, orphans: Point['orphans']): Promise<void> => {
  if (orphans === 'now') return
  const end = Date.now() + settleMilliseconds
  for (let living = node.processes(); living.length > 0; living = node.processes()) {
    if (orphans === 'kill' || Date.now() > end) for (const pid of living) kill(pid)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended meanwhile.
  }
}
