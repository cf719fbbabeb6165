/**
 * Decides whether what cnitool does through libcni and what `metacni net` does are interchangeable: either adds with real
 * plugins, either checks and deletes, twice; results and cached files say the same, and nothing is left.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { baseEnv, type CrashNode, createNode, networkNames, places } from '../crash/node.js'

/** The programs: words of a command. */
export interface Pair {
  readonly libcni: readonly string[]
  readonly metacni: readonly string[]
}

type Name = keyof Pair

/** What one of them added, and what the other left. */
interface Run {
  /** The exit code of CHECK: portmap 1.1.1 looks for an IPv6 rule that it did not make. */
  readonly check: number | null
  readonly result: unknown
  readonly cached: Readonly<Record<string, unknown>>
  readonly left: readonly string[]
}

/** Adds by one, checks and deletes by the other. Throws where a command fails. */
const play = async (
  plugins: string,
  pair: Pair,
  network: string,
  [adds, others]: readonly [Name, Name],
): Promise<Run> => {
  const node = await createNode(plugins)
  try {
    const run = (name: Name, verb: string): string => {
      const { status, stdout, stderr } = call(node, pair[name], verb, network)
      if (status === 0) return stdout
      throw new Error(`${name} ${verb}: ${stdout}${stderr}`)
    }
    const before = node.inventory()
    const result = JSON.parse(run(adds, 'add')) as unknown
    const cached = cachedOn(node)
    const check = call(node, pair[others], 'check', network).status
    run(others, 'del')
    const left = node.inventory().filter((one) => !before.includes(one))
    run(others, 'del')
    // A second ADD finds nothing in its way.
    run(adds, 'add')
    run(others, 'del')
    return { check, result, cached, left }
  } finally {
    node.release()
  }
}

const call = (
  node: CrashNode,
  program: readonly string[],
  verb: string,
  network: string,
): SpawnSyncReturns<string> => {
  const [file = '', ...args] = [...node.enter, ...program, verb, network, node.netns]
  return spawnSync(file, args, {
    encoding: 'utf8',
    env: {
      ...baseEnv,
      NETCONFPATH: places.networks,
      CNI_PATH: places.plugins,
      CACHE_DIR: places.cache,
      METACNI_CACHE_DIR: places.cache,
      CAP_ARGS: '{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}',
      CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=web',
    },
  })
}

const cachedOn = (node: CrashNode): Run['cached'] => {
  const folder = node.at(`${places.cache}/results`)
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const file = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { config: string }
      const config = JSON.parse(Buffer.from(file.config, 'base64').toString('utf8')) as unknown
      return [name, { ...file, config }]
    }),
  )
}

/**
 * Without what is random on each node: hardware addresses, names of links, the numbers of processes in paths. And without
 * what is no difference: Go prints an empty `dns`, and Debian's libcni caches no `netns` yet, and
 * no libcni our `netnsId`.
 */
const settled = (value: unknown): unknown => {
  const names = new Map<string, string>()
  const text = JSON.stringify(value)
    .replace(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'mac')
    .replace(/veth[0-9a-f]+/g, 'veth')
    .replace(/\/proc\/\d+\//g, '/proc/n/')
    .replace(/cnitool-[0-9a-f]{20}/g, (id) => {
      const name = names.get(id) ?? `container ${names.size + 1}`
      names.set(id, name)
      return name
    })
  return JSON.parse(text, (key, one: unknown) =>
    (key === 'dns' && isDeepStrictEqual(one, {})) || key === 'netns' || key === 'netnsId'
      ? undefined
      : one,
  ) as unknown
}

/** What is wrong with each network: none means that nobody could tell who did what. */
export const crossFaults = async (plugins: string, pair: Pair): Promise<readonly string[]> => {
  const faults: string[] = []
  for (const network of networkNames) {
    const right = await play(plugins, pair, network, ['libcni', 'libcni'])
    for (const who of [
      ['libcni', 'metacni'],
      ['metacni', 'libcni'],
      ['metacni', 'metacni'],
    ] as const) {
      const title = `${network}: ${who[0]} adds, ${who[1]} checks and deletes`
      try {
        const run = await play(plugins, pair, network, who)
        for (const key of ['check', 'result', 'cached', 'left'] as const) {
          if (isDeepStrictEqual(settled(run[key]), settled(right[key]))) continue
          faults.push(
            `${title}: ${key}: ${JSON.stringify(settled(run[key]))}, libcni alone: ${JSON.stringify(settled(right[key]))}`,
          )
        }
      } catch (error) {
        faults.push(`${title}: ${error instanceof Error ? error.message : error}`)
      }
    }
  }
  return faults
}
