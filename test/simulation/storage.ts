/**
 * Decides what the records of a simulation lie on: the journal in memory, or the host's journal on a simulated disk, with
 * or without a result cache beside it. Each fails in its own ways, and forgets in its own.
 */
import type { Attachment } from '../../lib/plan/types.js'
import type { Journal } from '../../lib/ports/index.js'
import type { Random } from './random.js'

/** A record whose place a text has taken that nobody understands. */
export interface Spoiled {
  readonly containerId: string
  readonly ifname: string
  readonly text: string
  /** The attachments that nothing else knows of: nobody can undo them any more. */
  readonly lost: readonly Attachment[]
}

/** Where records lie. */
export interface Storage {
  readonly name: string
  /** The journal of a process that begins to live. */
  begin(): Journal
  /** Whether containers could not be locked, and that was told. */
  readonly isUnlocked: boolean
  /** Nothing is wrong with it. */
  readonly isSound: boolean
  /** A disk that lies about what it has synced. */
  readonly isLying: boolean
  /** No fault any more. */
  disarm(): void
  /** The power went with the process. */
  cutPower(random: Random): void
  /** Puts a wrong text in the place of a good record; undefined when there is none. */
  spoil(random: Random): Spoiled | undefined
  /** Whether the cache, where there is one, was told of an attachment. */
  knows(containerId: string, attachment: Attachment): boolean
  /** Attaches nothing, but leaves the scratch file of a Go plugin, where there are files. */
  putScratch(containerId: string, text: string): void
  /** Whether a spoiled text still lies where it lay, or where it was set aside. */
  keeps(spoiled: Spoiled): boolean
  /** What is not forgotten when everything is undone; texts in `spoiled` and what a write has left unfinished aside. */
  remains(spoiled: readonly Spoiled[]): readonly string[]
  readonly locked: number
}

/** The text that takes a record's place. */
export const spoiledText = (random: Random, text: string, other: string | undefined): string =>
  random.pick([
    '',
    text.slice(0, random.below(text.length)),
    `${text}}`,
    '[null]',
    '{}',
    '"\u0000"',
    text.startsWith('[') ? `{"a":${text}}` : text.replace('"metacni"', '"other"'),
    // The record of somebody else: a good one, in the wrong place.
    other ?? '[]}',
  ])
