/**
 * Decides what embedders see of the ip runner: the common plugins without their binaries, through iproute2 (docs/
 * ip-runner.md). Address plugins that are not native come in as a runner.
 */
import type { Runner } from '../../lib/ports/index.js'
import { defaultPath } from './default-path.js'
import { createNativeRunner } from './runner.js'

export {
  type ChooseOptions,
  chooseEngine,
  type EngineChoice,
  type Tool,
} from '../../lib/native/choose-engine.js'
export { type DryCommand, type DryPlugin, type DryRun, dryRun } from '../../lib/native/dry-run.js'
export { commandsText } from '../../lib/native/dry-run-text.js'
export { findTools } from './tools.js'

/** What the runner is made of. */
export interface IpRunnerOptions {
  /**
   * The environment of this process, of which PATH is used: `ip`, `nsenter`, `flock` and iptables are looked for there.
   * Default: /usr/sbin, /usr/bin, /sbin, /bin.
   */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Called for address plugins that are not native: all but host-local and static. Default: they are refused. */
  readonly ipam?: Runner
  /** Does what releases of the binaries after 1.1.1 do, too (docs/ip-runner.md). Default: no. */
  readonly later?: boolean
}

/** A Runner for `bridge`, `ptp`, `macvlan`, `loopback` and `tuning` without their binaries. Needs root to change anything. */
export const createIpRunner = ({ env = {}, ipam, later }: IpRunnerOptions): Runner =>
  createNativeRunner({
    // Its messages are read, so they are English.
    env: { PATH: env.PATH || defaultPath, LC_ALL: 'C' },
    ...(ipam !== undefined && { ipam }),
    ...(later !== undefined && { later }),
  })
