/**
 * Decides which part of node:fs pools are kept with, so that a test can put a disk in its place that fills up or dies.
 * Adds nothing to it.
 */
import nodeFileSystem from 'node:fs'
import type { FileSystem } from '../../node/file-system.js'

/** The operations, by the names and with the errors that node:fs has. */
export interface PoolFiles
  extends Pick<
    FileSystem,
    'closeSync' | 'readSync' | 'fstatSync' | 'lstatSync' | 'mkdirSync' | 'unlinkSync' | 'renameSync'
  > {
  openSync(path: string, flags: number, mode?: number): number
  readdirSync(path: string): string[]
  /** Writes all of `text`. */
  writeFileSync(descriptor: number, text: string): void
  ftruncateSync(descriptor: number, length: number): void
  fdatasyncSync(descriptor: number): void
  linkSync(existing: string, path: string): void
}

/** The file system of this machine. */
export const machinePoolFiles: PoolFiles = nodeFileSystem

/** The errno name of what a file operation threw; '' when it has none. */
export const codeOf = (error: unknown): string =>
  String((error as Partial<NodeJS.ErrnoException> | null)?.code ?? '')
