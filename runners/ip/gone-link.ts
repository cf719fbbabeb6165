/**
 * Decides when a link that is being deleted is gone, without its program's end: the kernel keeps that one for four times
 * as long as the deletion takes, until nothing refers to the link's memory. Refuses to take what cannot be read for gone.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import type { Gone } from '../../lib/native/command.js'

/** Whether the link is gone now. In the container it is looked for through `pid`, once that one has entered `netns`. */
export const goneWatch = ({ where, link }: Gone, pid: number, netns: string): (() => boolean) => {
  // The kernel lists an interface's settings until it has lost its addresses, its routes and its bridge.
  if (where === 'host') return () => !existsSync(`/proc/sys/net/ipv4/conf/${link}`)
  const place = identityOf(netns)
  return () => {
    try {
      if (place === undefined || identityOf(`/proc/${pid}/ns/net`) !== place) return false
      const text = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
      // Whoever has ended has nothing to read there.
      return (
        text.includes(':') && !text.split('\n').some((line) => line.trim().startsWith(`${link}:`))
      )
    } catch {
      return false
    }
  }
}

/** Waits until something holds, a look a millisecond, or until `outcome` settles. Whether it held before. */
export const isBefore = (holds: () => boolean, outcome: Promise<unknown>): Promise<boolean> =>
  new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const finish = (isHolding: boolean): void => {
      clearTimeout(timer)
      resolve(isHolding)
    }
    const look = (): void => {
      if (holds()) finish(true)
      else timer = setTimeout(look, 1)
    }
    void outcome.then(() => finish(false))
    look()
  })

const identityOf = (path: string): string | undefined => {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
