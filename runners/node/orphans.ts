/**
 * Decides which processes are plugin calls that outlived the process which made them, and waits for their end. Refuses to
 * take for one what does not bear the plugin's name, the container and the interface, and lives among other files.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { sleep } from './abort.js'
import { defaultPatience, isGroupAlive, killGroup } from './process-group.js'

/** Whose calls are meant. */
export interface OrphanedCall {
  /** The plugin's `type`: the name of its program. */
  readonly type: string
  readonly containerId: string
  /** CNI_IFNAME of the plugin. */
  readonly ifname: string
}

/**
 * The processes of such calls. Our own call must not have begun, and the container must be locked: then whoever is found
 * is nobody's any more. None where there is no /proc, or where it does not tell us.
 */
export const orphansOf = (call: OrphanedCall): readonly number[] => {
  try {
    const files = namespaceOf('self')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => isCall(pid, call) && namespaceOf(pid) === files)
      .map(Number)
  } catch {
    return []
  }
}

/**
 * Waits until no such process is left. When the signal fires, kills what is left, with its group, and waits `patience`
 * milliseconds at most. `unkillable`: something is still running.
 */
export const outliveOrphans = async (
  call: OrphanedCall,
  signal: AbortSignal,
  patience: number = defaultPatience,
): Promise<'gone' | 'killed' | 'unkillable'> => {
  for (let pause = 5; orphansOf(call).length > 0 && !signal.aborted; pause = longer(pause))
    await sleep(pause, signal)
  const left = orphansOf(call)
  if (left.length === 0) return 'gone'
  // Every plugin leads a group of its own (start.ts): what is in it is the plugin's.
  for (const pid of left) killGroup(pid)
  const end = performance.now() + patience
  for (let pause = 5; performance.now() < end; pause = longer(pause)) {
    // Also what they have started: it may hold what the next call needs.
    if (orphansOf(call).length === 0 && !left.some(isGroupAlive)) return 'killed'
    await sleep(pause)
  }
  return 'unkillable'
}

const longer = (pause: number): number => Math.min(2 * pause, 100)

const isCall = (pid: string, { type, containerId, ifname }: OrphanedCall): boolean => {
  try {
    // The program itself, or what interprets it and then the program. A zombie has neither.
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0', 2)
    if (!words.some((word) => basename(word) === type)) return false
    const variables = new Set(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'))
    return [`CNI_CONTAINERID=${containerId}`, `CNI_IFNAME=${ifname}`].every((one) =>
      variables.has(one),
    )
  } catch {
    return false // It is gone, or somebody else's.
  }
}

/** The mount namespace: a plugin runs among our files, a process of a pod among its own. */
const namespaceOf = (pid: string): bigint | undefined => {
  try {
    return statSync(`/proc/${pid}/ns/mnt`, { bigint: true }).ino
  } catch {
    return undefined
  }
}
