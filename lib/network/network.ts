/** Decides what a network definition is: a configuration list and where it came from. */
import type { NetworkConfigurationList } from '../cni/configuration.js'

/** Where a definition came from. Further kinds may be added; `kind` tells them apart. */
export type NetworkOrigin =
  | { readonly kind: 'file'; readonly file: string }
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
