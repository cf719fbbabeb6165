/**
 * Decides whether a plan may run: what planning and decodePlan have checked is checked again, since anybody can make a
 * plan by hand (promise 1 of design section 5). Refuses it before anything runs, with the code of reference/cni.md 1.6.
 */
import * as E from 'fp-ts/lib/Either.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { ifnameFault, isNetworkName } from '../cni/identifier.js'
import { isObject } from '../cni/json.js'
import { quote } from '../cni/problem.js'
import { isKnownVersion, versionOrDefault } from '../cni/version.js'
import { isPluginType } from '../plan/resolve.js'
import type { Attachment, Plan } from '../plan/types.js'
import { decodeStoredPlan } from './record.js'

/** Why a plan may not run; undefined when it may. */
export const planFault = (plan: Plan): CniError | undefined => {
  const form = planFormFault(plan)
  if (form !== undefined) return form
  const { attachments, resultVersion } = plan
  if (attachments.length === 0) return wrongName('the plan has no attachments')
  if (resultVersion !== '' && !isKnownVersion(resultVersion))
    return wrongVersion(`results of CNI version ${quote(resultVersion)} are not known`)
  const names = new Set<string>()
  for (const attachment of attachments) {
    const fault = attachmentFault(attachment)
    if (fault !== undefined) return fault
    if (names.has(attachment.ifname))
      return wrongName(`two attachments of the plan have the interface ${attachment.ifname}`)
    names.add(attachment.ifname)
  }
  return undefined
}

/** Why a value has not the form of a plan, which a record must have to be read again; code 7. */
export const planFormFault = (plan: unknown): CniError | undefined => {
  const decoded = decodeStoredPlan(plan)
  return E.isLeft(decoded) ? wrongNetwork(`cannot run this plan: ${decoded.left}`) : undefined
}

/** Why a value is no list of networks that GC can tell; code 7. */
export const networksFault = (networks: unknown): CniError | undefined => {
  if (!Array.isArray(networks)) return wrongNetwork(`networks are a list, not ${quote(networks)}`)
  for (const one of networks) {
    const { name, config } = isObject(one) ? one : {}
    const attachment = { network: { name }, ifname: '', primary: false, config, capabilityArgs: {} }
    const decoded = decodeStoredPlan({ attachments: [attachment], merge: '', resultVersion: '' })
    if (E.isLeft(decoded)) return wrongNetwork(`${quote(name)} is no network: ${decoded.left}`)
  }
  return undefined
}

const attachmentFault = ({ ifname, config }: Attachment): CniError | undefined => {
  const { name, cniVersion, plugins } = config
  if (!isNetworkName(name)) {
    const message = 'invalid characters found in network name'
    return name === '' ? wrongNetwork('missing network name') : wrongNetwork(message, name)
  }
  const fault = ifnameFault(ifname)
  if (fault !== undefined) return wrongName(`invalid interface name ${quote(ifname)}: ${fault}`)
  const version = versionOrDefault(cniVersion)
  if (!isKnownVersion(version))
    return wrongVersion(`network ${quote(name)} is of CNI version ${quote(version)}`)
  if (plugins.length === 0) return wrongNetwork(`network ${quote(name)} has no plugins`)
  const outside = plugins.find(({ type }) => type === '' || !isPluginType(type))
  return outside && wrongNetwork(`network ${quote(name)}: invalid plugin name: ${outside.type}`)
}

const wrongName = (message: string): CniError => cniError(cniErrorCodes.invalidEnvironment, message)

const wrongVersion = (message: string): CniError =>
  cniError(cniErrorCodes.incompatibleVersion, message)

const wrongNetwork = (message: string, details?: string): CniError =>
  cniError(cniErrorCodes.invalidNetworkConfig, message, details?.slice(0, 200))
