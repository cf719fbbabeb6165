/**
 * Decides what the arguments and the environment of `metacni net` say, as cnitool reads them (reference/cni.md 2.3).
 * Refuses names and arguments that CNI does not allow, all of them at once, before anything is read.
 */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { ifnameFault } from '../../lib/cni/identifier.js'
import { decodeJson, isObject, type JsonObject } from '../../lib/cni/json.js'
import { at, failure, type Problem, quote } from '../../lib/cni/problem.js'
import type { Terminal } from './terminal.js'

/** One network and one namespace, and how plugins are called for them. */
export interface NetRequest {
  readonly network: string
  /** `cnitool-` and the first 20 hexadecimal digits of the SHA-512 of `netns`. */
  readonly containerId: string
  /** An absolute path. */
  readonly netns: string
  /** CNI_IFNAME. Default `eth0`. */
  readonly ifname: string
  /** CNI_ARGS as it stands. */
  readonly args: string
  /** CAP_ARGS; undefined when it is unset or empty. */
  readonly capabilityArgs: JsonObject | undefined
  /** CNI_PATH. */
  readonly path: readonly string[]
  /** NETCONFPATH. Default `/etc/cni/net.d`. */
  readonly configurationDirectory: string
  /** METACNI_CACHE_DIR. Default `/var/lib/cni`. */
  readonly cacheDirectory: string
}

/** A request, or everything that is wrong with it. */
export type ReadNetRequest =
  | { readonly ok: true; readonly value: NetRequest }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads the request that a command line and its environment make. */
export const readNetRequest = (
  network: string,
  netns: string,
  env: Terminal['env'],
): ReadNetRequest => {
  const problems: Problem[] = []
  if (netns === '' || netns.includes('\0')) {
    const message = `${quote(netns)} cannot be the path of a network namespace`
    problems.push(failure('bad-netns', at('NETNS'), message, 'for example /run/netns/blue'))
  }
  const ifname = env.CNI_IFNAME ?? 'eth0'
  const fault = ifnameFault(ifname)
  if (fault !== undefined)
    problems.push(failure('bad-ifname', at('CNI_IFNAME'), `${quote(ifname)}: ${fault}`))
  const args = env.CNI_ARGS ?? ''
  problems.push(...argsProblems(args))
  const capabilityArgs = decodeCapArgs(env.CAP_ARGS, problems)
  const { path, configurationDirectory, cacheDirectory } = readPlaces(env, problems)
  if (problems.length > 0) return { ok: false, problems }
  const absolute = resolve(workingDirectory(env), netns)
  const containerId = containerIdOf(absolute)
  const where = { path, configurationDirectory, cacheDirectory }
  const value = { network, containerId, netns: absolute, ifname, args, capabilityArgs, ...where }
  return { ok: true, value }
}

/** The container id that cnitool gives to a namespace, by its absolute path. */
export const containerIdOf = (netns: string): string =>
  `cnitool-${createHash('sha512').update(netns).digest('hex').slice(0, 20)}`

/** Where plugins, networks and results are, by the environment alone. */
export type NetPlaces = Pick<NetRequest, 'path' | 'configurationDirectory' | 'cacheDirectory'>

/** The places that an environment names, or what is wrong with it. */
export const readNetPlaces = (
  env: Terminal['env'],
):
  | { readonly ok: true; readonly value: NetPlaces }
  | { readonly ok: false; readonly problems: readonly Problem[] } => {
  const problems: Problem[] = []
  const value = readPlaces(env, problems)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value }
}

const readPlaces = (env: Terminal['env'], problems: Problem[]): NetPlaces => {
  const path = (env.CNI_PATH ?? '').split(':').filter((directory) => directory !== '')
  if (path.length === 0) {
    const message = 'no directory of plugins is named'
    problems.push(failure('missing-plugin', at('CNI_PATH'), message, 'CNI_PATH=/opt/cni/bin'))
  }
  return {
    path,
    configurationDirectory: env.NETCONFPATH || '/etc/cni/net.d',
    cacheDirectory: resolve(env.METACNI_CACHE_DIR || '/var/lib/cni'),
  }
}

// cnitool wants a key and a value in each pair, which the specification does not.
const argsProblems = (args: string): readonly Problem[] => {
  if (args === '') return []
  const wrong = args.split(';').find((pair) => !/^[^=\0]+=[^=\0]+$/.test(pair))
  if (wrong === undefined) return []
  const hint = 'write K=V;K=V, no key and no value empty'
  return [failure('bad-cni-args', at('CNI_ARGS'), `invalid CNI_ARGS pair ${quote(wrong)}`, hint)]
}

const decodeCapArgs = (text: string | undefined, problems: Problem[]): JsonObject | undefined => {
  if (!text) return undefined
  const json = decodeJson(text, 'CAP_ARGS')
  if (isLeft(json)) problems.push(json.left)
  else if (isObject(json.right)) return json.right
  else if (json.right !== null) {
    const message = `capability arguments are an object, not ${quote(json.right)}`
    problems.push(failure('bad-json', at('CAP_ARGS'), message))
  }
  return undefined
}

// Go takes $PWD for the working directory where it is one: below a symbolic link the path, and with it the container id,
// would be another one.
const workingDirectory = ({ PWD }: Terminal['env']): string => {
  if (PWD !== undefined && isAbsolute(PWD) && isHere(PWD)) return PWD
  return process.cwd()
}

const isHere = (directory: string): boolean => {
  try {
    const there = statSync(directory, { bigint: true })
    const here = statSync('.', { bigint: true })
    return there.dev === here.dev && there.ino === here.ino
  } catch {
    return false
  }
}
