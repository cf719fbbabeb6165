/**
 * Decides how a started program and all its descendants are stopped: SIGKILL to their process group, then a bounded
 * wait until none of them is left. Refuses to call something stopped that may still be running.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** How long a group may take to die of SIGKILL: five seconds, in milliseconds. */
export const defaultPatience = 5_000

/** What became of a program: it ended by itself, it was killed, or it could not be killed. */
export type Ending<A> =
  | { readonly kind: 'ended' | 'killed'; readonly value: A }
  | { readonly kind: 'unkillable' }

/**
 * Waits for `ended`. When `stopped` resolves first, kills the group whose leader is `pid` and waits `patience`
 * milliseconds at most until `ended` has resolved and no process of the group is alive.
 */
export const awaitEnding = async <A>(
  pid: number,
  ended: Promise<A>,
  stopped: Promise<void>,
  patience: number,
): Promise<Ending<A>> => {
  const first = await Promise.race([ended.then((value) => ({ value })), stopped])
  if (first !== undefined) return { kind: 'ended', value: first.value }
  killGroup(pid)
  return within(patience, async (late) => {
    const value = await ended
    // Members that closed our pipes do not hold `ended` back: ask the kernel for them.
    for (let pause = 5; isGroupAlive(pid) && !late(); pause = Math.min(2 * pause, 100)) {
      await sleep(pause)
    }
    return { kind: 'killed', value }
  })
}

/** SIGKILL to every process of the group `pid`. A group that is gone already is no error. */
export const killGroup = (pid: number): void => {
  // kill(2) takes 0 for our own group and -1 for every process there is.
  if (!(pid > 1)) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // ESRCH: gone. EPERM: some member changed its user; the wait that follows tells.
  }
}

/** Whether there is a process of the group `pid`, alive or not yet reaped: one system call, where `isGroupAlive` may need many. */
export const hasGroup = (pid: number | undefined): boolean => {
  if (pid === undefined || !(pid > 1)) return false
  try {
    process.kill(-pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Whether a process of the group `pid` is still alive. Zombies that nobody reaps do not count. */
export const isGroupAlive = (pid: number): boolean => {
  try {
    process.kill(-pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return hasLivingMember(pid)
}

// Only /proc tells a zombie from a living process. Without /proc everything counts as alive.
const hasLivingMember = (group: number): boolean => {
  try {
    return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isLivingMember(name, group))
  } catch {
    return true
  }
}

// proc(5): "pid (comm) state ppid pgrp ...", and comm may hold anything, closing brackets too.
const isLivingMember = (pid: string, group: number): boolean => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, , pgrp] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}

const within = async <A>(
  milliseconds: number,
  work: (late: () => boolean) => Promise<Ending<A>>,
): Promise<Ending<A>> => {
  let timer: NodeJS.Timeout | undefined
  let over = false
  const end = new Promise<Ending<A>>((resolve) => {
    timer = setTimeout(() => {
      over = true
      resolve({ kind: 'unkillable' })
    }, milliseconds)
  })
  const ending = await Promise.race([work(() => over), end])
  clearTimeout(timer)
  return ending
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
