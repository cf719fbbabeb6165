/**
 * Decides what of its stdin a VERSION reads: on to the `cniVersion`, the end, or 1 MiB. Refuses to wait for more than half
 * a second for its beginning and for as long again for the rest, and to ask a terminal.
 */
import { constants, fstatSync, openSync, readSync } from 'node:fs'
import { inputVersion } from '../../lib/cni/version-verdict.js'
import { defaultLimit, readDescriptorBounded } from './bounded-read.js'
import { isNotReady, pauseBriefly } from './pause.js'

/** How long a VERSION waits for its stdin, in milliseconds; once something has come, as long for the rest. */
const patience = 500

/** The text of stdin as far as it is wanted, or the empty one. Never rejects. */
export const readVersionStdin = async (): Promise<string> => {
  try {
    const kind = fstatSync(0)
    if (kind.isFIFO()) return textOfPipe()
    if (kind.isSocket()) return await textOfSocket()
    const text = kind.isFile() ? readDescriptorBounded(0) : undefined
    if (text?.ok) return text.text
  } catch {
    // Closed, or no /proc: there is nothing to read.
  }
  return ''
}

// A writer may leave its end open, and yet have said all that is wanted.
const isEnough = (read: Buffer): boolean =>
  read.length > defaultLimit || inputVersion(read.toString()) !== undefined

/** Opened anew, the pipe does not block us, and its other holders see nothing of it. */
const textOfPipe = (): string => {
  const descriptor = openSync('/proc/self/fd/0', constants.O_RDONLY | constants.O_NONBLOCK)
  const chunk = Buffer.allocUnsafe(64 * 1024)
  let read = Buffer.alloc(0)
  let deadline = process.uptime() + patience / 1000
  while (process.uptime() < deadline) {
    try {
      const count = readSync(descriptor, chunk)
      if (count === 0) break
      if (read.length === 0) deadline = process.uptime() + patience / 1000
      read = Buffer.concat([read, chunk.subarray(0, count)])
      if (isEnough(read)) break
    } catch (error) {
      if (!isNotReady(error)) break
      pauseBriefly()
    }
  }
  return read.toString()
}

/**
 * The same of a socket, which cannot be opened anew. A stream, since `fs.read` cannot be called off: the process could
 * not exit while it waits. Loading it takes 4 ms, but runtimes written in Go use pipes.
 */
const textOfSocket = (): Promise<string> =>
  new Promise((resolve) => {
    const { stdin } = process
    let read = Buffer.alloc(0)
    const finish = (): void => {
      clearTimeout(timer)
      stdin.destroy()
      resolve(read.toString())
    }
    const timer = setTimeout(finish, patience)
    stdin.on('data', (chunk: Buffer) => {
      if (read.length === 0) timer.refresh()
      read = Buffer.concat([read, chunk])
      if (isEnough(read)) finish()
    })
    for (const end of ['end', 'error', 'close'] as const) stdin.on(end, finish)
  })
