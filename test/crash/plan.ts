/**
 * Decides which points there are: every call of every program, the same with a disk that is full or broken, the plugins'
 * own calls, and pairs of them. Counted by running each once.
 */
import { isChange, isLook, isPoint, type TracedCall } from './calls.js'
import { countCalls, countPluginCalls, type Tools } from './inject.js'
import { createNode } from './node.js'
import type { Fault, Place, Point } from './point.js'
import { type ProgramName, programs, type Verb } from './programs.js'
import { run } from './run.js'

/** The plugins of the networks, and the one that they start themselves. */
const pluginTypes = ['bridge', 'host-local', 'tuning', 'portmap', 'macvlan', 'ptp']

/** How many pairs of a crash in ADD and a crash in the DEL that follows are drawn. */
const pairCount = 60
/** How many of the plugins' own calls are drawn. */
const pluginCount = 120

/** A natural number below its argument. */
export type Draw = (below: number) => number

/** All points, in an order that is the same for the same traces. */
export const allPoints = async (tools: Tools, draw: Draw): Promise<readonly Point[]> => {
  const names = Object.keys(programs) as ProgramName[]
  const own = await programPoints(names, tools)
  const plugins: Point[] = []
  for (const verb of ['add', 'del'] as const) {
    for (const place of await pluginPlaces(verb, tools))
      plugins.push({ program: 'multus', places: [place], orphans: 'wait' })
  }
  return [...own, ...drawn(plugins, pluginCount, draw), ...pairsOf(own, pairCount, draw)]
}

/** So many of the points, drawn without repetition, in the order in which they were drawn. */
export const drawn = (points: readonly Point[], count: number, draw: Draw): readonly Point[] => {
  const rest = [...points]
  const chosen: Point[] = []
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(draw(rest.length), 1))
  return chosen
}

/**
 * Where programs can fail. multus dies at every call; the others, which differ in how they start plugins and in what they
 * keep, at those that change something.
 */
export const programPoints = async (
  names: readonly ProgramName[],
  tools: Tools,
): Promise<readonly Point[]> => {
  const points: Point[] = []
  for (const program of names) {
    for (const verb of ['add', 'del'] as const) {
      for (const { place, isLoud, hasOrphans } of await placesOf(program, verb, tools)) {
        const places = [place] as const
        if (program === 'multus' || isLoud) points.push({ program, places, orphans: 'wait' })
        if (program === 'multus' && isLoud && hasOrphans && place.fault === 'kill')
          for (const orphans of ['kill', 'now'] as const) points.push({ program, places, orphans })
      }
    }
  }
  return points
}

/** A place in a program; `isLoud`: it changes something; `hasOrphans`: a plugin or flock(1) runs meanwhile. */
interface Found {
  readonly place: Place
  readonly isLoud: boolean
  readonly hasOrphans: boolean
}

const placesOf = async (
  program: ProgramName,
  verb: Verb,
  tools: Tools,
): Promise<readonly Found[]> => {
  const calls = await onNode(program, verb, tools, (node) =>
    countCalls(node, programs[program](tools.files, node, verb), tools),
  )
  let children = 0
  const found: Found[] = []
  for (const one of calls) {
    const { where, call, nth } = one
    if (call === 'wait4') children -= 1
    if (isPoint(one)) {
      const common = { isLoud: !isLook(one), hasOrphans: children > 0 }
      for (const fault of ['kill', ...errorsOf(one)] as const)
        found.push({ place: { verb, fault, where, call, nth }, ...common })
    }
    if (isStart(call)) children += 1
  }
  return found
}

const isStart = (call: string): boolean => /^(?:clone3?|v?fork)$/.test(call)

/** How a call may fail: a broken disk fails all that changes it, a full one what needs room. */
const errorsOf = (one: TracedCall): readonly Fault[] => {
  if (isStart(one.call)) return ['EAGAIN']
  if (!isChange(one)) return []
  return /^(?:openat|p?write\w*|mkdir|rename)/.test(one.call) ? ['ENOSPC', 'EIO'] : ['EIO']
}

const pluginPlaces = async (verb: Verb, tools: Tools): Promise<readonly Place[]> => {
  const places: Place[] = []
  for (const type of pluginTypes) {
    const calls = await onNode('multus', verb, tools, (node) =>
      countPluginCalls(node, programs.multus(tools.files, node, verb), type, tools),
    )
    for (const { call, nth } of calls) places.push({ verb, fault: 'kill', where: type, call, nth })
  }
  return places
}

const onNode = async <A>(
  program: ProgramName,
  verb: Verb,
  { plugins, files }: Tools,
  work: (node: Awaited<ReturnType<typeof createNode>>) => Promise<A>,
): Promise<A> => {
  const node = await createNode(plugins)
  try {
    if (verb === 'del') await run(node, programs[program](files, node, 'add'))
    return await work(node)
  } finally {
    node.release()
  }
}

/** So many pairs of a death in an ADD and one in the DEL that follows. */
export const pairsOf = (points: readonly Point[], count: number, draw: Draw): readonly Point[] => {
  const killed = points.filter(
    ({ program, places: [{ fault }], orphans }) =>
      program === 'multus' && fault === 'kill' && orphans === 'wait',
  )
  const of = (verb: Verb) => killed.filter(({ places }) => places[0].verb === verb)
  const [adds, dels] = [of('add'), of('del')]
  return Array.from({ length: count }, (): Point[] => {
    const [add, del] = [adds[draw(adds.length)], dels[draw(dels.length)]]
    if (add === undefined || del === undefined) return []
    // A DEL has the less to do the earlier the ADD died.
    const second = { ...del.places[0], nth: 1 + draw(del.places[0].nth) }
    return [{ program: 'multus', places: [add.places[0], second], orphans: 'wait' }]
  }).flat()
}
