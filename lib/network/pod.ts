/** Decides what of a pod matters here: its name and its annotations. */

/** The part of a Kubernetes Pod that planning reads. */
export interface Pod {
  readonly name?: string
  readonly namespace?: string
  readonly annotations: ReadonlyMap<string, string>
  /** How problems speak of it, for example the manifest's file name. */
  readonly source: string
}
