/**
 * Decides which CNI specification versions exist and how they compare (reference/cni.md 1.4, 3.1). Refuses texts that
 * are no version; nothing here accepts a version that is not known.
 */

/** Every released version of the specification, oldest first; what a VERSION reply lists. */
export const knownVersions = [
  '0.1.0',
  '0.2.0',
  '0.3.0',
  '0.3.1',
  '0.4.0',
  '1.0.0',
  '1.1.0',
] as const

/** One of the released versions. */
export type CniVersion = (typeof knownVersions)[number]

/** The newest version, in which results are kept inside. */
export const currentVersion: CniVersion = '1.1.0'

/** Whether a text is one of the released versions, exactly. */
export const isKnownVersion = (text: string): text is CniVersion =>
  (knownVersions as readonly string[]).includes(text)

/** A missing or empty version means 0.1.0 (reference/cni.md 1.4). */
export const versionOrDefault = (text: string | undefined): string => text || '0.1.0'

const number = /^[+-]?[0-9]{1,15}$/

/**
 * Three numbers of a version text, or undefined. Go's ParseVersion: one to three parts, each an integer with an
 * optional sign, missing parts are 0, the empty text is 0.1.0.
 */
export const parseVersion = (text: string): readonly [number, number, number] | undefined => {
  if (text === '') return [0, 1, 0]
  const parts = text.split('.')
  if (parts.length > 3 || !parts.every((part) => number.test(part))) return undefined
  return [Number(parts[0]), Number(parts[1] ?? 0), Number(parts[2] ?? 0)]
}

/** Whether version `a` is at least `b`; false when either is no version. */
export const isAtLeast = (a: string, b: string): boolean => {
  const left = parseVersion(a)
  const right = parseVersion(b)
  if (left === undefined || right === undefined) return false
  for (const i of [0, 1, 2] as const) if (left[i] !== right[i]) return left[i] > right[i]
  return true
}

/** The highest of several versions that this library knows how to follow: at most the current one. Undefined: none. */
export const highestVersion = (texts: readonly string[]): string | undefined => {
  let highest: string | undefined
  for (const text of texts) {
    if (!isAtLeast(currentVersion, text)) continue
    if (highest === undefined || !isAtLeast(highest, text)) highest = text
  }
  return highest
}
