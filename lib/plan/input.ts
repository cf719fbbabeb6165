/** Decides what planning looks at: texts as they were found, so that every problem can be traced to its place. */
import type { JsonObject } from '../cni/json.js'
import type { Problem } from '../cni/problem.js'
import type { Catalogue } from '../network/catalogue.js'
import type { DefinitionFile, SourceText } from '../network/network.js'
import type { Pod } from '../network/pod.js'
import { maximumSelections } from '../network/selection.js'

/** Everything that a plan depends on. Equal inputs give equal plans. */
export interface PlanInput {
  /** The meta plugin's own configuration, JSON. Absent: its defaults, and results in the newest version. */
  readonly config?: SourceText | undefined
  /** The pod whose annotation selects networks. Absent: a pod without annotations. */
  readonly pod?: Pod | undefined
  /** Stands in for the annotation, in either of its forms. */
  readonly networks?: string | undefined
  /** Stands in for the configuration's `defaultDelegates`. */
  readonly defaultDelegates?: string | undefined
  /** The files in which networks and their plugins are defined, of one or more directories. Parsed once a call. */
  readonly files?: readonly DefinitionFile[] | undefined
  /** Stands in for `files` where many pods are planned against the same ones: see `readCatalogue`. */
  readonly catalogue?: Catalogue | undefined
  /** CNI_IFNAME: the interface name of the primary attachment. Default `eth0`. */
  readonly ifname?: string | undefined
  /** Laid over the configuration's `runtimeConfig`, key by key. */
  readonly capabilityArgs?: JsonObject | undefined
  /** The plugin binaries that were found, when somebody looked: one that is missing is a warning. */
  readonly installed?: readonly string[] | undefined
  /** What was found while the inputs were read; it joins the plan's problems and warnings. */
  readonly problems?: readonly Problem[] | undefined
}

/** The interface name that kubelet asks for. */
export const defaultIfname = 'eth0'

/** The most attachments of one pod, whether its annotation, the default configuration or both ask for them. */
export const maximumAttachments = maximumSelections
