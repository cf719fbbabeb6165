/**
 * Decides what the author of a runner must offer so that the contract can be checked: the runner and plugins that behave
 * in known ways. Types only; fixture programs, simulated plugins and plain functions can all be such plugins.
 */
import type { CniError } from '../../lib/cni/error.js'
import type { Runner } from '../../lib/ports/index.js'

/** A plugin of the subject's world, by the `type` under which the runner finds it. */
export interface ContractPlugin {
  readonly type: string
}

/** A plugin that succeeds at every verb and prints exactly `stdout`. */
export interface PrintingPlugin extends ContractPlugin {
  readonly stdout: string
}

/** A plugin that fails at every verb and prints this error object; it has `details`. */
export interface RefusingPlugin extends ContractPlugin {
  readonly error: Required<CniError>
}

/** A plugin that never ends by itself. */
export interface HangingPlugin extends ContractPlugin {
  /** Resolves as soon as the plugin runs for this CNI_CONTAINERID. */
  started(containerId: string): Promise<void>
  /** Whether anything of the plugin still runs for this CNI_CONTAINERID, children included. */
  isRunning(containerId: string): Promise<boolean>
}

/** The plugins by what they do. */
export interface SubjectPlugins {
  /** Prints `stdout`, which is JSON. */
  readonly succeeds?: PrintingPlugin
  /** Prints `stdout`, which is no JSON, and succeeds all the same. */
  readonly printsGarbage?: PrintingPlugin
  /** Fails with an error object. */
  readonly refuses?: RefusingPlugin
  /** Fails and says nothing: no output, or an error object without `msg`. */
  readonly failsWithoutWords?: ContractPlugin
  /** Fails and prints text that is no JSON. */
  readonly failsWithGarbage?: ContractPlugin
  /**
   * Succeeds and prints what reached it: `{"env": {"CNI_COMMAND": "ADD", ...}, "stdin": <the value on stdin>}`, with
   * every CNI_* variable that is set, and no other.
   */
  readonly reports?: ContractPlugin
  /** Succeeds, prints `stdout` and never reads its stdin. */
  readonly ignoresStdin?: PrintingPlugin
  readonly hangs?: HangingPlugin
  /** Prints without end. */
  readonly floods?: ContractPlugin
}

/** One kind of plugin. */
export type PluginKind = keyof SubjectPlugins

/** A runner and the plugins that it can reach. Made anew for every case. */
export interface Subject {
  readonly runner: Runner
  /** The search path on which the plugins are found; empty when the runner has none. */
  readonly path: readonly string[]
  readonly plugins: SubjectPlugins
  /** How many plugins were started so far. Without it, only the answer tells that nothing was started. */
  startedCount?(): Promise<number>
  /** Called when the case is over, however it ended. */
  dispose?(): Promise<void>
}
