/**
 * Decides what flannel does on a simulated node: it makes a configuration out of the node's subnet file and delegates
 * (reference/plugins-and-ip.md 6.1). Its scratch file is keyed by container alone, as flannel's is (F-07).
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniErrorCodes } from '../../../lib/cni/error.js'
import type { Answer } from '../../../lib/cni/invocation.js'
import { decodeJson, isObject, type JsonObject } from '../../../lib/cni/json.js'
import { quote } from '../../../lib/cni/problem.js'
import type { PluginCall } from '../call.js'
import { fail, ownerOf, textAt } from '../outcome.js'
import { createPlugin, type Outcome } from '../plugin.js'
import { parseSubnetFile, type SubnetFile } from './flannel-subnet-file.js'

/** Where flannel's daemon writes the node's subnet. */
export const defaultSubnetFile = '/run/flannel/subnet.env'
/** Where flannel keeps what it delegated. */
export const defaultFlannelDataDir = '/var/lib/cni/flannel'

/** The flannel plugin. */
export const flannel = createPlugin({
  add: async (call, world) => {
    const scratch = scratchPathOf(call)
    if (E.isLeft(scratch)) return scratch
    const path = textAt(call.config, 'subnetFile')
    if (E.isLeft(path)) return path
    const subnetFile = path.right || defaultSubnetFile
    const text = world.files.get(subnetFile)?.text
    if (text === undefined) {
      return fail(`loadFlannelSubnetEnv failed: open ${subnetFile}: no such file or directory`)
    }
    const subnets = parseSubnetFile(text, subnetFile)
    if (E.isLeft(subnets)) return subnets
    const delegate = delegateConfigOf(call.config, subnets.right)
    if (E.isLeft(delegate)) return delegate
    world.files.set(scratch.right, { text: JSON.stringify(delegate.right), owner: ownerOf(call) })
    return outcomeOf(await call.delegate(String(delegate.right.type), delegate.right))
  },
  del: async (call, world) => {
    const scratch = scratchPathOf(call)
    if (E.isLeft(scratch)) return scratch
    const text = world.files.get(scratch.right)?.text
    if (text === undefined) return E.right(undefined)
    const saved = decodeJson(text, scratch.right)
    const config = E.isRight(saved) && isObject(saved.right) ? saved.right : {}
    // What cannot be read is left alone, and DEL succeeds (F-06).
    if (typeof config.type !== 'string') return E.right(undefined)
    const outcome = outcomeOf(await call.delegate(config.type, config, { CNI_COMMAND: 'DEL' }))
    if (E.isLeft(outcome)) return outcome
    // The Go plugin forgets its file even when the delegate failed: a retry would then do nothing.
    world.files.delete(scratch.right)
    return E.right(undefined)
  },
  status: () => E.right(undefined),
  gc: () => E.right(undefined),
})

/** The configuration that flannel delegates (F-02 to F-04). Left: code 7 for keys that a delegate may not have. */
export const delegateConfigOf = (
  config: JsonObject,
  subnets: SubnetFile,
): E.Either<CniError, JsonObject> => {
  const delegate = config.delegate ?? {}
  if (!isObject(delegate)) return refuse(`"delegate" must be an object, not ${quote(delegate)}`)
  const { type = 'bridge' } = delegate
  if (typeof type !== 'string') return refuse(`'delegate' type must be a text, not ${quote(type)}`)
  for (const key of ['name', 'ipam']) {
    if (key in delegate)
      return refuse(`'delegate' dictionary must not have '${key}' field, it'll be set by flannel`)
  }
  const ipam = config.ipam ?? {}
  if (!isObject(ipam)) return refuse(`"ipam" must be an object, not ${quote(ipam)}`)
  const routes = Array.isArray(ipam.routes) ? ipam.routes : []
  return E.right({
    ...(type === 'bridge' && { isGateway: true }),
    ipMasq: !subnets.ipMasq,
    mtu: subnets.mtu,
    ...delegate,
    ...('runtimeConfig' in config && { runtimeConfig: config.runtimeConfig }),
    type,
    name: config.name,
    ...(typeof config.cniVersion === 'string' && { cniVersion: config.cniVersion }),
    ipam: {
      type: 'host-local',
      ...ipam,
      ranges: subnets.subnets.map((subnet) => [{ subnet }]),
      routes: [...routes, ...subnets.networks.map((dst) => ({ dst }))],
    },
  })
}

const scratchPathOf = ({ config, containerId }: PluginCall): E.Either<CniError, string> => {
  const dataDir = textAt(config, 'dataDir')
  if (E.isLeft(dataDir)) return dataDir
  return E.right(`${dataDir.right || defaultFlannelDataDir}/${containerId}`)
}

// The delegate's result is printed as it is (F-05).
const outcomeOf = (answer: Answer): Outcome => {
  if (answer.kind === 'success') return E.right(answer.stdout)
  return answer.kind === 'refused' ? E.left(answer.error) : fail(answer.reason.message)
}

const refuse = (message: string): E.Either<CniError, never> =>
  fail(message, cniErrorCodes.invalidNetworkConfig)
