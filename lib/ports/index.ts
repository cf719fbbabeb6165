/**
 * Decides what the outside must offer: the interfaces that runners and hosts implement. Types only; nothing here
 * runs. Every method resolves; a rejection is taken for a failure of the outside and reported, never passed on.
 */
import type { CachedAttachment, CacheKey } from '../cni/cache.js'
import type { Answer, Invocation } from '../cni/invocation.js'
import type { Problem } from '../cni/problem.js'
import type { DefinitionFile } from '../network/network.js'
import type { Pod } from '../network/pod.js'

/** Carries out one plugin call. Knows nothing of lists, plans, time limits or retries. */
export interface Runner {
  /**
   * The answer of one call. When `signal` fires, stops what it started before it answers. Never throws; a throw, or what
   * is no Answer, is taken for `none` with reason `runner-threw`.
   */
  run(invocation: Invocation, signal: AbortSignal): Promise<Answer>
}

/** What a storage operation came to. */
export type Stored<A> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly message: string }

/** Keeps the records of sandboxes so that they can be undone with nothing else at hand. */
export interface Journal {
  /**
   * Locks a container and reads its records. Waits for another holder; `signal` ends the waiting. With `existing`
   * nothing is created: a container without records opens as an empty entry, and a disk that cannot be written opens too.
   */
  open(
    containerId: string,
    mode: 'create' | 'existing',
    signal: AbortSignal,
  ): Promise<Stored<JournalEntry>>
  /** The ids of the containers that have records, in any order. */
  list(): Promise<Stored<readonly string[]>>
}

/** One container's records, locked until `close`. A record is JSON; its shape is the engine's (engine/record.ts). */
export interface JournalEntry {
  /** The records by interface name of the request (CNI_IFNAME), as they were read. Unreadable ones are in `corrupt`. */
  readonly records: ReadonlyMap<string, unknown>
  readonly corrupt: readonly { readonly ifname: string; readonly message: string }[]
  /** Where a record of `records` lies, for people; undefined when that is no file. */
  fileOf?(ifname: string): string | undefined
  /** Resolves when the record is on disk: temporary file, fsync, rename, fsync of the directory. */
  save(ifname: string, record: unknown): Promise<Stored<void>>
  /** Forgets one record. Forgetting what is not there succeeds. */
  remove(ifname: string): Promise<Stored<void>>
  /** Sets a record that nobody understands aside, beside the others, where a person finds it; it is a record no more. */
  quarantine(ifname: string): Promise<Stored<void>>
  /** Lets the next holder in. */
  close(): Promise<void>
}

/** Keeps results as libcni does (`cniCacheV1`), for programs that look there and for records that are lost. */
export interface ResultCache {
  /** The attachments of a container, or all, that can be read; what cannot is passed over, as libcni does. */
  list(containerId?: string): Promise<Stored<readonly CachedAttachment[]>>
  write(attachment: CachedAttachment): Promise<Stored<void>>
  /** Forgetting what is not there succeeds. */
  remove(key: CacheKey): Promise<Stored<void>>
}

/** Where network definitions come from. */
export interface NetworkSource {
  /** The texts of the definitions, and what could not be read. */
  read(): Promise<{
    readonly files: readonly DefinitionFile[]
    readonly problems: readonly Problem[]
  }>
}

/** Where the pod's annotations come from. */
export interface PodSource {
  /** The pod, or undefined when this source knows that there is none to ask. */
  read(pod: { readonly namespace: string; readonly name: string }): Promise<PodAnswer>
}

/** A pod, no pod, or the problems that kept it from being read. */
export type PodAnswer =
  | { readonly ok: true; readonly pod: Pod | undefined }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Milliseconds since the epoch. Only messages and timeouts use it. */
export interface Clock {
  now(): number
}

/** The levels of the meta configuration's `logLevel`, most talkative first. */
export type LogLevel = 'debug' | 'info' | 'error' | 'panic'

/** Takes a line and its fields. Never throws, and a throw is passed over; secrets are masked by the caller. */
export interface Log {
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void
}
