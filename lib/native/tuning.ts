/**
 * Decides what tuning does by `ip` commands: attributes and sysctls of an interface that another plugin made, put back
 * on DEL from a file (reference/plugins-and-ip.md 7.7). Refuses to be the first of a list, and sysctls outside of net.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CniError } from '../cni/error.js'
import { Integer } from '../cni/integer.js'
import { decodeJson, isObject, type JsonObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import { shape } from '../cni/shape.js'
import { type Command, ip, isPlainWord, readSysctl, requireSysctl, show } from './command.js'
import {
  commonKeys,
  decodeConfiguration,
  likeBinary,
  namespaceOf,
  refuse,
  requiredPrevious,
} from './configuration.js'
import { type KernelLink, linkIn } from './kernel.js'
import { requestedMac } from './requested-mac.js'
import type { NativeCall, NativePlugin } from './script.js'

/** Where tuning keeps what it will put back, unless told otherwise. */
export const defaultTuningDataDir = '/run/cni/tuning'

const fields = {
  sysctl: t.record(t.string, t.string),
  mac: t.string,
  promisc: t.boolean,
  mtu: Integer,
  allmulti: t.boolean,
  dataDir: t.string,
}
const laterFields = { txQLen: Integer }
interface Written extends JsonObject {
  readonly sysctl?: Readonly<Record<string, string>>
  readonly promisc?: boolean
  readonly mtu?: number
  readonly allmulti?: boolean
  readonly txQLen?: number
  readonly dataDir?: string
}
const Codec = shape<Written>('tuning', {}, { ...fields, ...laterFields })

/** Attributes of a link, as the backup file spells them; in the binary's order. */
export interface Attributes {
  readonly mac?: string
  readonly promisc?: boolean
  readonly mtu?: number
  readonly allmulti?: boolean
  readonly txQLen?: number
}

/** What the configuration of tuning says. */
export interface TuningConfiguration {
  readonly attributes: Attributes
  /** Below /proc/sys, with slashes. */
  readonly sysctls: readonly (readonly [path: string, value: string])[]
  readonly backup: string
}

/** The configuration of a call, with what `args.cni` overrides. Left: code 999 and what the binary says. */
export const decodeTuning = (call: NativeCall): E.Either<CniError, TuningConfiguration> => {
  const decoded = decodeConfiguration(Codec, call)
  if (E.isLeft(decoded)) return decoded
  const { args } = call.config
  const overriding = decodeConfiguration(Codec, {
    ...call,
    config: isObject(args) && isObject(args.cni) ? args.cni : {},
  })
  if (E.isLeft(overriding)) return overriding
  const mac = likeBinary(requestedMac(call, ['mac', 'CNI_ARGS', 'runtimeConfig', 'args']))
  if (E.isLeft(mac)) return mac
  const written = { ...decoded.right, ...overriding.right }
  const sysctls = sysctlsOf(call, { ...decoded.right.sysctl, ...overriding.right.sysctl })
  if (E.isLeft(sysctls)) return sysctls
  const backup = backupPathOf(call, decoded.right.dataDir)
  if (E.isLeft(backup)) return backup
  const { promisc, mtu = 0, allmulti, txQLen } = written
  const attributes = {
    ...(mac.right !== undefined && { mac: mac.right }),
    ...(promisc === true && { promisc }),
    ...(mtu !== 0 && { mtu }),
    ...(allmulti !== undefined && { allmulti }),
    ...(call.later && txQLen !== undefined && { txQLen }),
  }
  return E.right({ attributes, sysctls: sysctls.right, backup: backup.right })
}

/** The words that give a link its attributes: one command for all. */
export const attributeWords = (attributes: Attributes): readonly (string | number)[] => {
  const { mac, promisc, mtu, allmulti, txQLen } = attributes
  return [
    ...(mac === undefined ? [] : ['address', mac]),
    ...(promisc === undefined ? [] : ['promisc', promisc ? 'on' : 'off']),
    ...(mtu === undefined ? [] : ['mtu', mtu]),
    ...(allmulti === undefined ? [] : ['allmulticast', allmulti ? 'on' : 'off']),
    ...(txQLen === undefined ? [] : ['txqueuelen', txQLen]),
  ]
}

/** What of a link would change: the values that it has now. */
export const attributesOf = (link: KernelLink, changing: Attributes): Attributes => ({
  ...(changing.mac !== undefined && { mac: link.mac }),
  ...(changing.promisc !== undefined && { promisc: link.flags.includes('PROMISC') }),
  ...(changing.mtu !== undefined && { mtu: link.mtu }),
  ...(changing.allmulti !== undefined && { allmulti: link.flags.includes('ALLMULTI') }),
  ...(changing.txQLen !== undefined && { txQLen: link.txqlen }),
})

/** The tuning plugin. */
export const tuning: NativePlugin = {
  keys: [...commonKeys, ...Object.keys(fields)],
  laterKeys: Object.keys(laterFields),
  takesAddresses: false,
  *add(call) {
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const config = decodeTuning(call)
    if (E.isLeft(config)) return config
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const { attributes, sysctls, backup } = config.right
    const words = attributeWords(attributes)
    const settings = sysctls.map(([path, value]) => requireSysctl(path, value))
    if (words.length === 0) {
      yield { container: settings, isLast: true }
      return E.right(previous.right)
    }
    const seen = yield {
      container: [...settings, show('address', 'show', 'dev', call.ifname)],
    }
    const link = linkIn(seen.container[0], call.ifname)
    if (link === undefined) return refuse(`interface ${quote(call.ifname)} does not exist`)
    const saved = attributesOf(link, attributes)
    const device = ['link', 'set', 'dev', call.ifname]
    const undo = [...device, ...attributeWords(saved)].map(String)
    const set = ip([...device, ...words], {
      undo,
      purpose: `set attributes of ${quote(call.ifname)}`,
    })
    yield {
      keep: { path: backup, text: JSON.stringify(saved, null, 1) },
      container: [set],
      isLast: true,
    }
    const { mac } = attributes
    if (mac === undefined) return E.right(previous.right)
    const interfaces = (previous.right.interfaces ?? []).map((one) =>
      one.name === call.ifname ? { ...one, mac } : one,
    )
    return E.right({ ...previous.right, interfaces })
  },
  *check(call) {
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const config = decodeTuning(call)
    if (E.isLeft(config)) return config
    const namespace = namespaceOf(call)
    if (E.isLeft(namespace)) return namespace
    const { attributes, sysctls } = config.right
    const seen = yield {
      container: [
        show('address', 'show', 'dev', call.ifname),
        ...sysctls.map(([path]) => readSysctl(path)),
      ],
      isLast: true,
    }
    const link = linkIn(seen.container[0], call.ifname)
    if (link === undefined) return refuse(`interface ${quote(call.ifname)} does not exist`)
    // Promiscuous mode must be off when it is not configured.
    const expected: Attributes = { promisc: false, ...attributes }
    const actual = attributesOf(link, expected)
    for (const [key, value] of Object.entries(expected)) {
      const is = actual[key as keyof Attributes]
      if (is !== value) return refuse(`${key} of ${call.ifname} is ${is}, not ${value}`)
    }
    const wrong = sysctls.findIndex(([, value], index) => seen.container[index + 1] !== value)
    const [path, value] = sysctls[wrong] ?? []
    return path === undefined
      ? E.right(undefined)
      : refuse(`sysctl ${path} is ${quote(seen.container[wrong + 1])}, not ${quote(value)}`)
  },
  *del(call) {
    const decoded = decodeConfiguration(Codec, call)
    const backup = backupPathOf(call, E.isLeft(decoded) ? undefined : decoded.right.dataDir)
    if (E.isLeft(backup)) return E.right(undefined)
    const path = backup.right
    const text = call.kept(path)
    if (text === undefined) return E.right(undefined)
    const words = attributeWords(savedIn(text))
    const restore: readonly Command[] =
      words.length === 0 || !call.hasNamespace
        ? []
        : [ip(['link', 'set', 'dev', call.ifname, ...words], { tolerates: 'any' })]
    if (restore.length > 0) yield { container: restore, isLast: true }
    yield { keep: { path, text: undefined } }
    return E.right(undefined)
  },
}

const sysctlsOf = (
  { ifname }: NativeCall,
  written: Readonly<Record<string, string>>,
): E.Either<CniError, TuningConfiguration['sysctls']> => {
  const sysctls: (readonly [string, string])[] = []
  for (const [key, value] of Object.entries(written)) {
    const segments = key.replaceAll('.', '/').split('/').filter(Boolean)
    const path = segments.join('/').replace('IFNAME', () => ifname)
    if (segments[0] !== 'net' || segments.length < 2 || !isPlainWord(path)) {
      return refuse(`invalid net sysctl key: ${quote(key)}`)
    }
    sysctls.push([path, value])
  }
  return E.right(sysctls)
}

const backupPathOf = (
  { containerId, ifname }: NativeCall,
  dataDir = '',
): E.Either<CniError, string> => {
  const directory = dataDir || defaultTuningDataDir
  return directory.startsWith('/') && isPlainWord(`${containerId}_${ifname}`)
    ? E.right(`${directory}/${containerId}_${ifname}.json`)
    : refuse(`"dataDir" must be an absolute path, not ${quote(directory)}`)
}

// What cannot be read is not put back: it may be anybody's text.
const savedIn = (text: string): Attributes => {
  const parsed = decodeJson(text, 'backup')
  if (E.isLeft(parsed) || !isObject(parsed.right)) return {}
  const { mac, promisc, mtu, allmulti, txQLen } = parsed.right
  return {
    ...(typeof mac === 'string' && /^[0-9a-f:]{17}$/i.test(mac) && { mac }),
    ...(typeof promisc === 'boolean' && { promisc }),
    ...(Integer.is(mtu) && mtu > 0 && { mtu }),
    ...(typeof allmulti === 'boolean' && { allmulti }),
    ...(Integer.is(txQLen) && txQLen >= 0 && { txQLen }),
  }
}
