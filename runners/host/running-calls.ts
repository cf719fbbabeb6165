/**
 * Decides which calls of plugins go on, whoever has made them: processes that were started with the variables of an ADD or
 * a DEL, in our own network namespace. Refuses to guess what it may not see: without root, or in another pid namespace.
 */
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { RunningCall } from '../../lib/engine/node-view.js'
import { readFileBounded } from '../node/bounded-read.js'
import { networkNamespaceAt } from '../node/network-namespace.js'

/** The calls that go on, by process, each interface of a container once: plugins start others with the same variables. */
export const readRunningCalls = (): readonly RunningCall[] => {
  const calls = new Map<string, RunningCall>()
  for (const pid of processes()) {
    const call = callOf(pid)
    if (call === undefined) continue
    const key = JSON.stringify([call.verb, call.containerId, call.ifname])
    if (!calls.has(key)) calls.set(key, call)
  }
  return [...calls.values()]
}

const processes = (): readonly number[] => {
  try {
    const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return names.map(Number).sort((a, b) => a - b)
  } catch {
    return []
  }
}

const callOf = (pid: number): RunningCall | undefined => {
  // One that is gone, and somebody else's, has none; a zombie has an empty one.
  const environment = readFileBounded(`/proc/${pid}/environ`)
  if (!environment.ok || !environment.text.includes('CNI_COMMAND=')) return undefined
  const variables = new Map(
    environment.text.split('\0').map((one): [string, string] => {
      const end = one.indexOf('=')
      return [one.slice(0, end), one.slice(end + 1)]
    }),
  )
  const verb = variables.get('CNI_COMMAND')
  const containerId = variables.get('CNI_CONTAINERID') ?? ''
  if ((verb !== 'ADD' && verb !== 'DEL') || containerId === '') return undefined
  const [ifname = '', path = ''] = [variables.get('CNI_IFNAME'), variables.get('CNI_NETNS')]
  // Those of another node that shares our processes, a node in a container for example, make nothing here.
  if (networkNamespaceAt(`/proc/${pid}/ns/net`).kind !== 'same') return undefined
  // The path is one among the files of that process, which may be a daemon in a container.
  const netns = path.startsWith('/') ? `/proc/${pid}/root${path}` : ''
  return { verb, pid, plugin: programOf(pid), containerId, ifname, netns }
}

const programOf = (pid: number): string => {
  const line = readFileBounded(`/proc/${pid}/cmdline`)
  return line.ok ? basename(line.text.split('\0', 1)[0] ?? '') : ''
}
