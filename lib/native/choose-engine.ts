/**
 * Decides whether a plugin call can do without the plugin's binary: the type is native, every key and value is one that
 * the native plugin understands, the tools are there. Refuses nothing: what is not understood is the binary's.
 */
import { isObject, type JsonObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import { nativeAddressPlugins, unknownAddressKeys, unknownIn } from './address-keys.js'
import { isPlainWord } from './command.js'
import { ipamTypeOf } from './configuration.js'
import { familiesIn } from './masquerade.js'
import { nativePlugins } from './plugins.js'
import type { NativePlugin } from './script.js'

/** Who carries a call out. `because`: a sentence for each reason that speaks against native. */
export type EngineChoice =
  | { readonly engine: 'native' }
  | { readonly engine: 'exec'; readonly because: readonly string[] }

/** Programs that native plugins need. `iptables` and `ip6tables` stand for their -save and -restore. */
export type Tool = 'ip' | 'nsenter' | 'flock' | 'iptables' | 'ip6tables'

/** What a choice depends on beside the configuration. */
export interface ChooseOptions {
  /** Address plugins that are not native are called through a runner (`createIpRunner({ ipam })`). Default: no. */
  readonly ipam?: boolean
  /** The runner does what releases of the binaries after 1.1.1 do, too. Default: no. */
  readonly later?: boolean
  /** The tools that are there. Default: all. */
  readonly tools?: ReadonlySet<Tool>
  /** CNI_IFNAME of the call. */
  readonly ifname?: string
  /** CNI_NETNS of the call; '' when it has none. */
  readonly netns?: string
}

/** The engine of a plugin configuration, as it goes to stdin. Every reason at once. Never throws. */
export const chooseEngine = (config: JsonObject, options: ChooseOptions = {}): EngineChoice => {
  const { type } = config
  const plugin = typeof type === 'string' ? nativePlugins.get(type) : undefined
  if (plugin === undefined) {
    const known = [...nativePlugins.keys()].join(', ')
    return { engine: 'exec', because: [`the type ${quote(type)} is not native: ${known} are`] }
  }
  const because = [
    ...unknownKeys(plugin, config, options),
    ...valuesOfBinary(config),
    ...oddWords(config, options),
    ...addressReasons(plugin, config, options),
    ...missingTools(plugin, config, options),
  ]
  return because.length === 0 ? { engine: 'native' } : { engine: 'exec', because }
}

// In 1.1.1 the later keys mean nothing, but the operator's binary may be newer.
const unknownKeys = (
  { keys, laterKeys }: NativePlugin,
  config: JsonObject,
  { later = false }: ChooseOptions,
): readonly string[] => [
  ...unknownIn(config, [...keys, ...laterKeys, ...(keys.includes('ipMasq') ? backendKeys : [])]),
  ...laterKeys
    .filter((key) => !later && (config[key] ?? undefined) !== undefined)
    .map((key) => `the key ${quote(key)} means something to releases after 1.1.1 alone`),
]

/** Known with one value, which is what happens without it. */
const backendKeys: readonly string[] = ['ipMasqBackend']

const valuesOfBinary = ({ vlan, macspoofchk, ipMasqBackend }: JsonObject): readonly string[] => [
  ...(typeof vlan === 'number' && vlan !== 0 ? [`"vlan" is ${vlan}`] : []),
  ...(macspoofchk === true ? ['"macspoofchk" is true'] : []),
  ...((ipMasqBackend ?? 'iptables') === 'iptables'
    ? []
    : [`"ipMasqBackend" is ${quote(ipMasqBackend)}, not "iptables"`]),
]

const oddWords = (
  { name, bridge, master, sysctl }: JsonObject,
  { ifname, netns }: ChooseOptions,
): readonly string[] => {
  const words = { CNI_IFNAME: ifname, CNI_NETNS: netns, name, bridge, master }
  const named = Object.entries(words).map(([what, word]) => [quote(what), word] as const)
  const paths = isObject(sysctl) ? Object.keys(sysctl) : []
  const all = [...named, ...paths.map((path) => ['a key of "sysctl"', path] as const)]
  return all
    .filter(([, word]) => typeof word === 'string' && word !== '' && !isPlainWord(word))
    .map(([what, word]) => `${what} is no plain word: ${quote(word)}`)
}

const addressReasons = (
  { takesAddresses }: NativePlugin,
  config: JsonObject,
  { ipam: hasRunner = false, later = false }: ChooseOptions,
): readonly string[] => {
  const type = ipamTypeOf(config)
  if (!takesAddresses || type === '' || !isObject(config.ipam)) return []
  if (nativeAddressPlugins.includes(type)) return unknownAddressKeys(type, config.ipam, later)
  return hasRunner ? [] : [`the address plugin ${quote(type)} is not native`]
}

const missingTools = (
  { takesAddresses }: NativePlugin,
  config: JsonObject,
  { tools }: ChooseOptions,
): readonly string[] => {
  if (tools === undefined) return []
  const needed: (readonly [Tool, string])[] = [
    ['ip', ''],
    ['nsenter', ''],
  ]
  if (takesAddresses && ipamTypeOf(config) === 'host-local') {
    needed.push(['flock', ', which host-local needs'])
  }
  if (takesAddresses && config.ipMasq === true) {
    const families = familiesIn({ config })
    if (families.includes(4)) needed.push(['iptables', ', which "ipMasq" needs'])
    if (families.includes(6)) needed.push(['ip6tables', ', which "ipMasq" needs'])
  }
  return needed
    .filter(([tool]) => !tools.has(tool))
    .map(([tool, why]) => `the machine has no ${tool}${why}`)
}
