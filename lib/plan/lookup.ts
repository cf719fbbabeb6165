/** Decides which network of a catalogue a selection means. */
import type { Lookup } from './profile.js'

/**
 * By the network's own name; a namespace has no meaning, `other/a` and `a` are the same file
 * (reference/tke-multus.md 1.2).
 */
export const fileByName: Lookup = {
  rule: 'fileByName',
  find: (catalogue, selection) => catalogue.networks.get(selection.name),
  usesNamespace: false,
}
