/**
 * Decides what tuning does on a simulated node: attributes and sysctls of an interface that another plugin made, put back
 * on DEL (reference/plugins-and-ip.md 7.7). Refuses to be the first of a list, and sysctls outside of net.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniErrorCodes } from '../../../lib/cni/error.js'
import { decodeJson, isObject } from '../../../lib/cni/json.js'
import { quote } from '../../../lib/cni/problem.js'
import { requestedMac } from '../../../lib/native/requested-mac.js'
import { defaultTuningDataDir } from '../../../lib/native/tuning.js'
import type { PluginCall } from '../call.js'
import { changeLink } from '../links.js'
import { fail, numberAt, ownerOf, requiredPrevious, textAt } from '../outcome.js'
import { createPlugin } from '../plugin.js'
import { findNamespace, type Link, type Namespace, type World } from '../world.js'

type Attributes = Partial<Pick<Link, 'mac' | 'mtu' | 'promisc' | 'allmulti' | 'txqlen'>>

interface TuningConfig {
  readonly attributes: Attributes
  readonly sysctls: readonly (readonly [path: string, value: string])[]
  readonly backup: string
}

/** The tuning plugin. */
export const tuning = createPlugin({
  add: (call, world) => {
    const previous = requiredPrevious(call)
    if (E.isLeft(previous)) return previous
    const config = decode(call)
    if (E.isLeft(config)) return config
    const found = findLink(call, world)
    if (E.isLeft(found)) return found
    const { namespace, link } = found.right
    const { attributes, sysctls, backup } = config.right
    for (const [path, value] of sysctls) namespace.sysctls.set(path, value)
    if (Object.keys(attributes).length > 0) {
      const saved = Object.keys(attributes).map((key) => [key, link[key as keyof Attributes]])
      const text = JSON.stringify(Object.fromEntries(saved))
      world.files.set(backup, { text, owner: ownerOf(call) })
      changeLink(namespace, call.ifname, attributes)
    }
    const { mac } = attributes
    if (mac === undefined) return E.right(previous.right)
    const interfaces = (previous.right.interfaces ?? []).map((one) =>
      one.name === call.ifname ? { ...one, mac } : one,
    )
    return E.right({ ...previous.right, interfaces })
  },
  del: (call, world) => {
    const backup = backupPathOf(call)
    const file = world.files.get(backup)
    if (file === undefined) return E.right(undefined)
    const found = findLink(call, world)
    const saved = decodeJson(file.text, backup)
    if (E.isRight(found) && E.isRight(saved) && isObject(saved.right)) {
      changeLink(found.right.namespace, call.ifname, saved.right as Attributes)
    }
    world.files.delete(backup)
    return E.right(undefined)
  },
  check: (call, world) => {
    const config = decode(call)
    if (E.isLeft(config)) return config
    const found = findLink(call, world)
    if (E.isLeft(found)) return found
    const { namespace, link } = found.right
    // Promiscuous mode must be off when it is not configured.
    for (const [key, value] of Object.entries({ promisc: false, ...config.right.attributes })) {
      const actual = link[key as keyof Attributes]
      if (actual !== value) return fail(`${key} of ${call.ifname} is ${actual}, not ${value}`)
    }
    const wrong = config.right.sysctls.find(
      ([path, value]) => namespace.sysctls.get(path) !== value,
    )
    if (wrong === undefined) return E.right(undefined)
    return fail(
      `sysctl ${wrong[0]} is ${quote(namespace.sysctls.get(wrong[0]))}, not ${quote(wrong[1])}`,
    )
  },
})

const decode = (call: PluginCall): E.Either<CniError, TuningConfig> => {
  const { config } = call
  const mac = requestedMac(call, ['mac', 'CNI_ARGS', 'runtimeConfig', 'args'])
  if (E.isLeft(mac)) return mac
  const mtu = numberAt(config, 'mtu', 0)
  if (E.isLeft(mtu)) return mtu
  const txqlen = numberAt(config, 'txQLen', 0)
  if (E.isLeft(txqlen)) return txqlen
  const sysctls = sysctlsOf(call)
  if (E.isLeft(sysctls)) return sysctls
  const attributes = {
    ...(mac.right !== undefined && { mac: mac.right }),
    ...(mtu.right !== 0 && { mtu: mtu.right }),
    ...(config.promisc === true && { promisc: true }),
    ...(typeof config.allmulti === 'boolean' && { allmulti: config.allmulti }),
    ...(config.txQLen !== undefined && { txqlen: txqlen.right }),
  }
  return E.right({ attributes, sysctls: sysctls.right, backup: backupPathOf(call) })
}

const sysctlsOf = ({ config, ifname }: PluginCall): E.Either<CniError, TuningConfig['sysctls']> => {
  const written = config.sysctl ?? {}
  if (!isObject(written)) return refuse(`"sysctl" must be an object, not ${quote(written)}`)
  const sysctls: (readonly [string, string])[] = []
  for (const [key, value] of Object.entries(written)) {
    const segments = key.replaceAll('.', '/').split('/')
    const path = segments.filter(Boolean).join('/').replace('IFNAME', ifname)
    if (!path.startsWith('net/')) return fail(`invalid net sysctl key: ${quote(path)}`)
    if (typeof value !== 'string') return refuse(`sysctl ${quote(key)} is no text: ${quote(value)}`)
    sysctls.push([path, value])
  }
  return E.right(sysctls)
}

const backupPathOf = ({ config, containerId, ifname }: PluginCall): string => {
  const dataDir = textAt(config, 'dataDir')
  const directory =
    E.isRight(dataDir) && dataDir.right !== '' ? dataDir.right : defaultTuningDataDir
  return `${directory}/${containerId}_${ifname}.json`
}

const findLink = (
  { netns, ifname }: PluginCall,
  world: World,
): E.Either<CniError, { readonly namespace: Namespace; readonly link: Link }> => {
  const namespace = netns === '' ? undefined : findNamespace(world, netns)
  const link = namespace?.links.get(ifname)
  return namespace !== undefined && link !== undefined
    ? E.right({ namespace, link })
    : fail(`interface ${quote(ifname)} does not exist in ${quote(netns)}`)
}

const refuse = (message: string): E.Either<CniError, never> =>
  fail(message, cniErrorCodes.invalidNetworkConfig)
