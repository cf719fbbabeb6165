/**
 * Decides which commands the ADD of an attachment would run, without a node: the scripts of native plugins are played
 * against an assumed kernel. Refuses to guess what a binary would do: its calls are told, not shown.
 */
import * as E from 'fp-ts/lib/Either.js'
import type { NetworkConfigurationList } from '../cni/configuration.js'
import { deriveStdin } from '../cni/derive.js'
import type { CniError } from '../cni/error.js'
import type { JsonObject } from '../cni/json.js'
import type { PluginConfiguration } from '../cni/plugin-configuration.js'
import type { Result } from '../cni/result.js'
import { currentVersion, versionOrDefault } from '../cni/version.js'
import { readingsOf } from './assumed-kernel.js'
import { type ChooseOptions, chooseEngine, type EngineChoice } from './choose-engine.js'
import { type Command, commandText, type FilterRules, type Seen, type Stage } from './command.js'
import { ipamTypeOf } from './configuration.js'
import { dryAddresses } from './dry-addresses.js'
import { chainOf, hostNameOf } from './names.js'
import { nativePlugins } from './plugins.js'
import type { NativeCall } from './script.js'

/** One thing that would be done. */
export interface DryCommand {
  readonly where: 'node' | 'container'
  /** As somebody would type it; several lines for rules of a packet filter. Absent: no command does it, see `purpose`. */
  readonly text?: string
  /** What it is for. */
  readonly purpose?: string
}

/** What one plugin of an attachment would do. */
export interface DryPlugin {
  readonly type: string
  readonly choice: EngineChoice
  /** In order; none when the binary is called. What runs in both namespaces at once comes as one, then the other. */
  readonly commands: readonly DryCommand[]
  /** Why the plugin would refuse, with what came before. */
  readonly refusal?: string
}

/** What the ADD of an attachment would do, plugin by plugin; nothing follows a refusal. */
export interface DryRun {
  readonly network: string
  readonly ifname: string
  readonly netns: string
  readonly plugins: readonly DryPlugin[]
}

/** What a dry run is made of: an attachment of a plan, and what is known of the container. */
export interface DryRunInput extends Omit<ChooseOptions, 'ifname'> {
  readonly config: NetworkConfigurationList
  readonly ifname: string
  readonly capabilityArgs?: JsonObject
  /** Names on the host follow from it. Default: they are shown as `<host end>` and `<chain>`. */
  readonly containerId?: string
  /** CNI_ARGS. */
  readonly args?: string
  /** Bridges that the node has already. Default: none. */
  readonly bridges?: readonly string[]
}

/**
 * The commands of an attachment. Addresses that are not allocated yet are marked, `<address of 10.1.0.0/16>`. Needs
 * nothing of a machine, and never throws.
 */
export const dryRun = (input: DryRunInput): DryRun => {
  const { config: list, ifname, netns = '<netns>' } = input
  const plugins: DryPlugin[] = []
  let previous: Result | undefined
  for (const plugin of list.plugins) {
    const { shown, result } = playPlugin(input, plugin, previous)
    plugins.push(shown)
    if (shown.refusal !== undefined) break
    previous = result
  }
  return { network: list.name, ifname, netns, plugins }
}

interface Played {
  readonly shown: DryPlugin
  readonly result: Result | undefined
}

const playPlugin = (
  input: DryRunInput,
  plugin: PluginConfiguration,
  previous: Result | undefined,
): Played => {
  const { config: list, ifname, netns, capabilityArgs = {} } = input
  const { type } = plugin
  const stdin = deriveStdin({ list, plugin, verb: 'ADD', prevResult: previous, capabilityArgs })
  const config = E.isLeft(stdin) ? plugin : stdin.right
  const choice = chooseEngine(config, input)
  const native = nativePlugins.get(type)
  if (E.isLeft(stdin)) return refused({ type, choice, commands: [] }, stdin.left)
  if (choice.engine === 'exec' || native === undefined) {
    const interfaces = [{ name: ifname, sandbox: netns ?? '<netns>' }]
    const result: Result = previous ?? { cniVersion: currentVersion, interfaces }
    return { shown: { type, choice, commands: [] }, result }
  }
  const call = callOf(input, config)
  const play = createPlay(call)
  const script = native.add(call)
  let turn = script.next()
  while (turn.done !== true) {
    const seen = play.perform(turn.value)
    if (E.isLeft(seen)) return refused({ type, choice, commands: play.commands(input) }, seen.left)
    turn = script.next(seen.right)
  }
  const shown = { type, choice, commands: play.commands(input) }
  return E.isLeft(turn.value)
    ? refused(shown, turn.value.left)
    : { shown, result: turn.value.right }
}

const refused = (shown: DryPlugin, { msg, details }: CniError): Played => ({
  shown: { ...shown, refusal: details === undefined ? msg : `${msg} (${details})` },
  result: undefined,
})

/** Stands for a container id that is not known, long enough to be told from everything else. */
const unknownId = 'metacni-unknown-container-id'

const callOf = (
  {
    ifname,
    netns = '<netns>',
    containerId = unknownId,
    args = '',
    later = false,
    bridges = [],
  }: DryRunInput,
  config: JsonObject,
): NativeCall => ({
  config,
  network: typeof config.name === 'string' ? config.name : '',
  cniVersion: versionOrDefault(typeof config.cniVersion === 'string' ? config.cniVersion : ''),
  containerId,
  netns,
  ifname,
  args,
  later,
  hasNamespace: true,
  hostHas: (name) => bridges.includes(name) || name === config.master,
  kept: () => undefined,
})

const createPlay = (call: NativeCall) => {
  const commands: DryCommand[] = []
  const markers = new Map<string, string>()
  let ipam: Result | undefined
  const rules = new Map<4 | 6, readonly string[]>()
  return {
    perform: (stage: Stage): E.Either<CniError, Seen> => {
      for (const family of stage.readsRules ?? []) {
        rules.set(family, [])
        commands.push({ where: 'node', text: `${tablesOf(family)}-save -t nat` })
      }
      if (stage.ipam === 'ADD') {
        const addresses = dryAddresses(call.config, call.args)
        if (E.isLeft(addresses)) return addresses
        const { result, source } = addresses.right
        for (const [text, marker] of addresses.right.markers) markers.set(text, marker)
        ipam = result
        const purpose = `${ipamTypeOf(call.config)} gives addresses from ${source}`
        commands.push({ where: 'node', purpose })
      }
      if (stage.keep !== undefined) {
        const purpose = `${stage.keep.path} is written: what DEL puts back`
        commands.push({ where: 'node', purpose })
      }
      const { host = [], container = [], filter = [] } = stage
      for (const one of host) commands.push(shownOf(one, 'node'))
      for (const one of filter) if (one.lines.length > 0) commands.push(rulesOf(one))
      for (const one of container) commands.push(shownOf(one, 'container'))
      return E.right({
        host: readingsOf(call, host, 'node'),
        container: readingsOf(call, container, 'container'),
        rules,
        ...(ipam !== undefined && { ipam }),
      })
    },
    commands: ({ containerId }: DryRunInput): readonly DryCommand[] => {
      const mark = markerOf(markers, containerId === undefined ? call : undefined)
      return commands.map((one) => ({
        ...one,
        ...(one.text !== undefined && { text: mark(one.text) }),
        ...(one.purpose !== undefined && { purpose: mark(one.purpose) }),
      }))
    },
  }
}

const shownOf = (command: Command, where: DryCommand['where']): DryCommand => {
  const purpose = command.kind === 'ip' ? command.purpose : undefined
  return { where, text: commandText(command), ...(purpose !== undefined && { purpose }) }
}

const rulesOf = ({ family, lines }: FilterRules): DryCommand => {
  const command = `${tablesOf(family)}-restore --noflush --wait 10 <<'END'`
  return { where: 'node', text: [command, '*nat', ...lines, 'COMMIT', 'END'].join('\n') }
}

const tablesOf = (family: 4 | 6): string => (family === 4 ? 'iptables' : 'ip6tables')

/** Puts markers in the place of what is not known: whole addresses, and what follows from an unknown container id. */
const markerOf =
  (addresses: ReadonlyMap<string, string>, unknown: NativeCall | undefined) =>
  (text: string): string => {
    const marked = text
      .split(/([\s"]+)/)
      .map((word) => {
        const [address = '', prefix] = word.split('/')
        const marker = addresses.get(address)
        const rest = prefix === undefined ? '' : `/${prefix}`
        return addresses.get(word) ?? (marker === undefined ? word : `${marker}${rest}`)
      })
      .join('')
    if (unknown === undefined) return marked
    return marked
      .replaceAll(hostNameOf(unknown), '<host end>')
      .replaceAll(chainOf(unknown), '<chain>')
      .replaceAll(unknownId, '<container id>')
  }
