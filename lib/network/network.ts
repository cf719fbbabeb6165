/** Decides what a network definition is: a configuration list and where it came from. */
import type { NetworkConfigurationList } from '../cni/configuration.js'

/** Where a definition came from. Further kinds may be added; `kind` tells them apart. */
export type NetworkOrigin =
  | {
      readonly kind: 'file'
      readonly file: string
      /** The files of the last plugins of the list, one each, where some lie beside it. */
      readonly plugins?: readonly string[]
    }
  | { readonly kind: 'inline' }

/** A definition of a network that pods can be attached to. */
export interface Network {
  readonly name: string
  readonly namespace?: string
  readonly origin: NetworkOrigin
  readonly config: NetworkConfigurationList
}

/** A text and the name under which problems speak of it: a file name, `stdin`, an annotation key. */
export interface SourceText {
  readonly source: string
  readonly text: string
}

/**
 * A file of a configuration directory. It defines a network by the extension of its source, unless it is a plugin's: one
 * that lies in the folder `<name>/` beside a list of that name, and adds a plugin to it.
 */
export interface DefinitionFile extends SourceText {
  /** It adds a plugin to the list beside its folder, and is no network of its own. */
  readonly isPlugin?: boolean
  /** Why the text of a plugin's file, or its whole folder, could not be read: the list that needs it is broken. */
  readonly fault?: string
}
