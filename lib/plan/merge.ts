/**
 * Decides how the results of the attachments become the one that the runtime gets. A Plan bears the rule's name; the
 * engine is given the functions.
 */
import type { Result, ResultAddress, ResultInterface, ResultRoute } from '../cni/result.js'
import { without } from '../cni/shape.js'
import type { Attachment } from './types.js'

/** What an attachment came to: its last plugin's result, in version 1.1.0. */
export interface AttachmentResult {
  readonly attachment: Attachment
  readonly result: Result
}

/** Makes one result, in version 1.1.0, of those of all attachments, in execution order. */
export type Merge = (results: readonly AttachmentResult[]) => Result

/** Merge functions by the name of their rule. */
export type Merges = Readonly<Record<string, Merge>>

const empty: Result = { cniVersion: '1.1.0' }

/** The primary attachment's result, the others are not mentioned (reference/tke-multus.md 1.7). */
export const primaryResultOnly: Merge = (results) =>
  results.find(({ attachment }) => attachment.primary)?.result ?? empty

/**
 * Everything: the primary attachment's result first, then the others' in execution order, interface indexes shifted;
 * name resolution is the primary's. A single result is itself.
 */
export const allInterfaces: Merge = (results) => {
  const [only] = results
  if (only && results.length === 1) return only.result
  const primaryFirst = [...results].sort(
    (a, b) => Number(b.attachment.primary) - Number(a.attachment.primary),
  )
  const interfaces: ResultInterface[] = []
  const ips: ResultAddress[] = []
  const routes: ResultRoute[] = []
  for (const { result } of primaryFirst) {
    const offset = interfaces.length
    for (const one of result.interfaces ?? []) interfaces.push(one)
    for (const one of result.routes ?? []) routes.push(one)
    for (const address of result.ips ?? []) {
      ips.push(shift(address, offset, interfaces.length - offset))
    }
  }
  const dns = primaryFirst[0]?.result.dns
  return {
    cniVersion: '1.1.0',
    ...(interfaces.length > 0 ? { interfaces } : {}),
    ...(ips.length > 0 ? { ips } : {}),
    ...(routes.length > 0 ? { routes } : {}),
    ...(dns === undefined ? {} : { dns }),
  }
}

/** An address whose index points at the same interface as before, or at nothing, as before. */
const shift = (address: ResultAddress, offset: number, own: number): ResultAddress => {
  const { interface: index } = address
  if (index === undefined || index < 0) return address
  return index < own
    ? { ...address, interface: index + offset }
    : (without(address, 'interface') as ResultAddress)
}

/** The rules that every engine knows. */
export const standardMerges: Merges = { primaryResultOnly, allInterfaces }
