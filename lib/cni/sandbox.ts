/** Decides what names a container towards CNI: never part of a Plan, so that equal inputs give equal plans. */

/** Where a plan is carried out. */
export interface Sandbox {
  /** CNI_CONTAINERID. */
  readonly containerId: string
  /** CNI_NETNS: the path of the network namespace. May be empty on DEL, when it is gone. */
  readonly netns: string
  /**
   * What tells the namespace from another one that is found under the same path later (`namespacePlace` of
   * `metacni/runners/node`). Kept in the record; without it the path is believed.
   */
  readonly netnsId?: string
  /** CNI_IFNAME of the request: with the container id it names the attachment. */
  readonly ifname: string
  /** CNI_ARGS as it came, handed on to every plugin. */
  readonly args: string
  /** CNI_PATH: the directories in which plugins are looked for, in order. */
  readonly path: readonly string[]
}
