/** Decides what of a pod matters here: its name and its annotations. */

/** The part of a Kubernetes Pod that planning reads. */
export interface Pod {
  readonly name?: string
  readonly namespace?: string
  /** Read with `Object.hasOwn` alone: the keys are a stranger's. */
  readonly annotations: Readonly<Record<string, string>>
  /** How problems speak of it, for example the manifest's file name. */
  readonly source?: string
}
