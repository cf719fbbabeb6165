/**
 * Decides which part of node:fs files are kept with that must survive a crash, so that a test can put a disk in its place
 * that loses power. Adds nothing to it: node:fs itself is the FileSystem of every program.
 */
import nodeFileSystem from 'node:fs'

/** What an open file or a path turned out to be. */
export interface FileStatus {
  readonly dev: bigint
  readonly ino: bigint
  isFile(): boolean
  isDirectory(): boolean
}

/** One name in a directory. */
export interface DirectoryEntry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
}

/** A file that is being written, or a directory that is being synced. */
export interface WritableFile {
  writeFile(text: string): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** The operations, by the names and with the errors that node:fs has. */
export interface FileSystem {
  openSync(path: string | Buffer, flags: number): number
  closeSync(descriptor: number): void
  readSync(
    descriptor: number,
    buffer: Buffer,
    offset: number,
    length: number,
    position: null,
  ): number
  fstatSync(descriptor: number, options: { readonly bigint: true }): FileStatus
  statSync(path: string, options: { readonly bigint: true }): FileStatus
  lstatSync(
    path: string,
    options: { readonly bigint: true; readonly throwIfNoEntry: false },
  ): FileStatus | undefined
  readdirSync(path: string): string[]
  readdirSync(path: string, options: { readonly withFileTypes: true }): DirectoryEntry[]
  mkdirSync(path: string, options: { readonly mode: number }): unknown
  rmdirSync(path: string): void
  unlinkSync(path: string): void
  renameSync(from: string, to: string): void
  readonly promises: {
    open(path: string, flags: string, mode?: number): Promise<WritableFile>
    rename(from: string, to: string): Promise<void>
    unlink(path: string): Promise<void>
  }
}

/** The file system of this machine. */
export const machineFiles: FileSystem = nodeFileSystem
