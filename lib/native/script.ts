/**
 * Decides how a native plugin's verb is written down: a script that asks for one stage after the other and is given what
 * each brought. Refuses nothing; who runs it stops it at the first failure and undoes what was done.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { CniError } from '../cni/error.js'
import type { JsonObject } from '../cni/json.js'
import type { Result } from '../cni/result.js'
import type { Seen, Stage } from './command.js'

/** A script: yields stages, returns what it came to. */
export type Script<A> = Generator<Stage, Either<CniError, A>, Seen>

/** One call of a native plugin. */
export interface NativeCall {
  /** The configuration on stdin. */
  readonly config: JsonObject
  /** The name of its network. */
  readonly network: string
  /** Its version; "" is 0.1.0. */
  readonly cniVersion: string
  readonly containerId: string
  /** The path of the container's namespace; '' on a DEL that has none. */
  readonly netns: string
  readonly ifname: string
  /** CNI_ARGS. */
  readonly args: string
  /** What releases after 1.1.1 of the binaries do, too (docs/ip-runner.md). */
  readonly later: boolean
  /** The namespace's path is there. False: only DEL goes on. */
  readonly hasNamespace: boolean
  /** Whether the node's namespace has a link of this name: known without a process. */
  readonly hostHas: (name: string) => boolean
  /** The state of a link of the node's namespace (`up`, `down` ...), where it is known without a process. */
  readonly hostState?: (name: string, index: number) => string | undefined
  /** The text of a file that a plugin keeps (tuning's backup, its allowlist), or undefined when there is none. */
  readonly kept: (path: string) => string | undefined
}

/** A plugin that needs no binary. */
export interface NativePlugin {
  /** The keys of a configuration that it understands; with any other key its binary is called (`chooseEngine`). */
  readonly keys: readonly string[]
  /** Keys of releases after 1.1.1 that it understands where those are asked for. */
  readonly laterKeys: readonly string[]
  /** It has an address plugin called, and masquerades what that gives. */
  readonly takesAddresses: boolean
  /** The result in the newest version. Left: refused before anything was done. */
  add(call: NativeCall): Script<Result>
  check(call: NativeCall): Script<undefined>
  del(call: NativeCall): Script<undefined>
  /** STATUS; without it the plugin is always ready. */
  status?(call: NativeCall): Script<undefined>
}
