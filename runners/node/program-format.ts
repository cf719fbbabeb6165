/**
 * Decides whether a file is a program that the kernel itself can run: `#!` or ELF for this processor. Refuses the
 * rest, because execvp(3), which Node uses, hands such files to /bin/sh: an empty plugin file would succeed.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'

/** Why the kernel would refuse a file with ENOEXEC, or undefined when it would not, or when that cannot be read. */
export const formatFault = (file: string): string | undefined => {
  const head = headOf(file)
  if (head === undefined) return undefined
  if (head.length === 0) return 'the file is empty'
  if (head.toString('latin1', 0, 2) === '#!') return undefined
  if (hasForeignFormats()) return undefined
  if (head.toString('latin1', 0, 4) !== '\x7fELF' || head.length < headLength) {
    return 'neither an ELF program nor a script that begins with #!'
  }
  return runsHere(machineOf(head)) ? undefined : 'built for another processor'
}

// Up to and including e_machine of the ELF header.
const headLength = 20

const headOf = (file: string): Buffer | undefined => {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, 'r')
    const head = Buffer.alloc(headLength)
    return head.subarray(0, readSync(descriptor, head, 0, headLength, 0))
  } catch {
    return undefined // executable but not readable, or busy: starting it will tell
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

const machineOf = (head: Buffer): number =>
  head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18)

// e_machine of 64-bit processors, and of the 32-bit programs that they run as well: x86-64 and i386, arm64 and arm.
const alsoRuns: Readonly<Record<number, number>> = { 62: 3, 183: 40 }

const runsHere = (machine: number): boolean => {
  const own = headOf('/proc/self/exe')
  if (own === undefined || own.length < headLength) return true
  return machine === machineOf(own) || machine === alsoRuns[machineOf(own)]
}

// binfmt_misc: somebody taught this kernel other formats, for example with qemu. Then only starting it tells.
const hasForeignFormats = (): boolean => {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some(
      (name) => name !== 'register' && name !== 'status',
    )
  } catch {
    return false
  }
}
