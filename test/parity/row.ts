/** Decides what a row of the parity table is: a configuration, a node to begin with, and what is asked of a runner there. */
import type { JsonObject } from '../../lib/cni/json.js'

/** The containers of a row's node; each is a namespace at /run/netns/NAME. */
export type ContainerName = 'a' | 'b'

/** A failure that a row expects: the code, and a pattern that the messages of all engines match. */
export interface Failure {
  readonly code: number
  readonly says: RegExp
}

/** One thing that a runtime asks. */
export interface Step {
  readonly verb: 'ADD' | 'CHECK' | 'DEL'
  /** Default: a. */
  readonly container?: ContainerName
  /** CNI_IFNAME. Default: eth0. */
  readonly ifname?: string
  /** CNI_ARGS. Default: empty. */
  readonly args?: string
  /** CNI_NETNS. Default: the container's namespace. */
  readonly netns?: string
  /** Keys of the first plugin that are other in this step. */
  readonly change?: JsonObject
  /** A shell script that runs on the node before this step; `cn a COMMAND` runs one in a container. */
  readonly before?: string
  /** How the step fails. Default: it succeeds. */
  readonly fails?: Failure
  /** How the binary fails by mistake, where it should succeed: another engine may do either. */
  readonly flaw?: RegExp
}

/** Removes a container, and waits until the host's ends of its links are gone with it, and what its links did to `up0`. */
export const removeContainer = `ip netns del a
while ip -o link show type veth | grep -q @if; do sleep 0.02; done
until ip -d link show up0 | grep -q 'promiscuity 0'; do sleep 0.02; done`

/** Programs without which a row cannot be carried out or looked at. */
export type Tool = 'iptables'

/** A row of the table. */
export interface Row {
  /** Unique, begins with the plugin's name; ROW= looks for a part of it. */
  readonly name: string
  /** The plugins of the list, in order. Each later one is given the result before it. */
  readonly plugins: readonly JsonObject[]
  /** Default: 1.0.0. */
  readonly cniVersion?: string
  /** A shell script that prepares the node. */
  readonly setup?: string
  readonly needs?: readonly Tool[]
  /** The kernel looks for duplicates of IPv6 addresses as it does by default: two seconds. Default: false. */
  readonly findDuplicates?: boolean
  /** Why the binary's result is not what it should be; another engine's is not compared with it then. */
  readonly flawedResult?: string
  readonly steps: readonly Step[]
}

/** ADD, CHECK, DEL, and DEL again, which finds nothing and succeeds. */
export const life: readonly Step[] = [
  { verb: 'ADD' },
  { verb: 'CHECK' },
  { verb: 'DEL' },
  { verb: 'DEL' },
]

/** `life` without CHECK: for versions before 0.4.0, and for rows about something else. */
export const shortLife: readonly Step[] = [{ verb: 'ADD' }, { verb: 'DEL' }, { verb: 'DEL' }]

/** `life` of an attachment that is as it should be, in which CHECK of the binary finds a fault by mistake. */
export const flawedCheck = (flaw: RegExp): readonly Step[] =>
  life.map((step) => (step.verb === 'CHECK' ? { ...step, flaw } : step))

/** Two containers that come and go side by side. */
export const twoLives: readonly Step[] = [
  { verb: 'ADD' },
  { verb: 'ADD', container: 'b' },
  { verb: 'CHECK' },
  { verb: 'CHECK', container: 'b' },
  { verb: 'DEL' },
  { verb: 'CHECK', container: 'b' },
  { verb: 'DEL', container: 'b' },
]

/** `steps` with these changes of every step. */
export const each = (steps: readonly Step[], changes: Partial<Step>): readonly Step[] =>
  steps.map((step) => ({ ...step, ...changes }))

/** An ADD that fails in this way, and the DEL that follows it. */
export const failing = (says: RegExp, changes: Partial<Step> = {}, code = 999): readonly Step[] => [
  { verb: 'ADD', fails: { code, says }, ...changes },
  { verb: 'DEL', ...changes },
]

/**
 * An ADD that fails in this way, when the binary's DEL refuses the configuration, too. Another engine may be more
 * forgiving: a container that cannot be deleted helps nobody.
 */
export const refused = (says: RegExp, changes: Partial<Step> = {}, code = 999): readonly Step[] => [
  { verb: 'ADD', fails: { code, says }, ...changes },
  { verb: 'DEL', flaw: says, ...changes },
]
