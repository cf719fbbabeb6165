/** Decides what is said of a cache file by which nothing can be checked: where it lies, and what is wrong with it. */
import type { HostResultCache } from '../../runners/host/result-cache.js'
import { lookUp, recordFor } from './net-cache.js'
import type { NetRequest } from './net-request.js'

/** Why what is cached of an attachment cannot be used, and where it lies; undefined when nothing is. */
export const cacheFault = async (
  cache: HostResultCache,
  request: NetRequest,
): Promise<string | undefined> => {
  const { network: networkName, containerId, ifname } = request
  const key = { networkName, containerId, ifname }
  const file = cache.fileOf(key)
  if (file === undefined) return undefined
  const fault = await cache.faultOf(key)
  if (fault !== undefined) return `${file}: ${fault}`
  const found = await lookUp(cache, request)
  const own = found.ok ? found.value.own : undefined
  if (own === undefined) return undefined
  if (own.result === undefined) return `${file}: it holds no result`
  const why = recordFor(own) === undefined ? 'configuration is no network' : 'result is none of CNI'
  return `${file}: its ${why}`
}
