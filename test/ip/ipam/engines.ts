/** Decides how a test asks the same of the installed binary and of ours, and how what each left on disk is compared. */
import { spawn } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { CniEnvironment, Verb } from '../../../lib/cni/invocation.js'
import type { JsonObject } from '../../../lib/cni/json.js'
import type { AddressOwner } from '../../../lib/ipam/pool.js'
import type { Runner } from '../../../lib/ports/index.js'
import { createIpamRunner } from '../../../runners/ip/ipam/index.js'

/** What an engine said: a result, nothing, or an error. */
export interface Said {
  /** The parsed stdout of a success; undefined when it was empty. */
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly msg: string }
}

/** One call of an address plugin. */
export interface Call {
  readonly type?: 'host-local' | 'static'
  readonly verb: Verb
  readonly owner: AddressOwner
  readonly stdin: JsonObject
  /** CNI_ARGS. */
  readonly args?: string
}

/** Somebody who carries out calls of address plugins. */
export type Engine = (call: Call) => Promise<Said>

export const never = new AbortController().signal

const environmentOf = ({ verb, owner, args = '' }: Call, path: string): CniEnvironment => ({
  CNI_COMMAND: verb,
  CNI_CONTAINERID: owner.containerId,
  CNI_NETNS: '/run/netns/nowhere',
  CNI_IFNAME: owner.ifname,
  CNI_ARGS: args,
  CNI_PATH: path,
})

/** The binaries of a directory. */
export const binaries =
  (directory: string): Engine =>
  (call) =>
    new Promise((resolve, reject) => {
      const env = { ...environmentOf(call, directory) }
      const child = spawn(join(directory, call.type ?? 'host-local'), [], { env })
      let stdout = ''
      child.stdout.on('data', (data) => {
        stdout += data
      })
      child.on('error', reject)
      child.stdin.on('error', () => {})
      child.stdin.end(JSON.stringify(call.stdin))
      child.on('close', (code) => {
        if (code === 0) resolve(stdout === '' ? {} : { result: JSON.parse(stdout) })
        else if (stdout.startsWith('{')) resolve({ error: JSON.parse(stdout) })
        else resolve({ error: { code: -1, msg: `died: ${code}` } })
      })
    })

/** The Runner without binaries. */
export const native =
  (runner: Runner = createIpamRunner()): Engine =>
  async (call) => {
    const type = call.type ?? 'host-local'
    const { verb, stdin } = call
    const env = environmentOf(call, '')
    const answer = await runner.run({ type, verb, stdin, env, path: [] }, never)
    if (answer.kind === 'none') throw new Error(answer.reason.message)
    if (answer.kind === 'refused') return { error: answer.error }
    return answer.stdout === '' ? {} : { result: JSON.parse(answer.stdout) }
  }

/** The entries below a directory: name, permissions and text, folders with a slash, links with what they say. */
export const treeOf = (directory: string, prefix = ''): readonly string[] =>
  readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const path = join(directory, name)
      const status = lstatSync(path)
      const mode = (status.mode & 0o7777).toString(8)
      if (status.isSymbolicLink()) return [`${prefix}${name} -> ${readlinkSync(path)}`]
      if (status.isDirectory()) {
        return [`${prefix}${name}/ ${mode}`, ...treeOf(path, `${prefix}${name}/`)]
      }
      const text = status.isFile() ? JSON.stringify(readFileSync(path, 'utf8')) : 'special'
      return [`${prefix}${name} ${mode} ${text}`]
    })
