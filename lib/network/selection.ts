/** Decides what a pod can ask for: one Selection is one attachment that it requests, and where it was written. */
import { at } from '../cni/problem.js'

/** The most attachments that one text may ask for: it is written by strangers. */
export const maximumSelections = 1024

/** One attachment that a pod, or the default configuration, asks for. */
export interface Selection {
  /** The network's name. */
  readonly name: string
  readonly namespace?: string
  /** The interface name that is asked for. */
  readonly interface?: string
  /** Addresses that are asked for, each an IP or a CIDR. */
  readonly ips?: readonly string[]
  /** The hardware address that is asked for: six octets in hex. */
  readonly mac?: string
  /** Where it was written: an annotation key, or the source of the default configuration. */
  readonly source: string
  /** Its position there, from 0. */
  readonly index: number
  /** In the JSON form: how the keys of a request were spelled. Absent in the short form. */
  readonly spelling?: { readonly [field in Requested]?: string }
}

/** The fields of a Selection that a network may be unable to honour. */
export type Requested = 'interface' | 'ips' | 'mac'

/** The path of a selection, or of one of its requests, into the text in which it was written. */
export const selectionPath = (selection: Selection, field?: Requested): string => {
  const key = field === undefined ? undefined : selection.spelling?.[field]
  return key === undefined
    ? at(selection.source, selection.index)
    : at(selection.source, selection.index, key)
}
