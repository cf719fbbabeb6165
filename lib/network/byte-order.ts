/** Decides in which order paths come: by their bytes, as Go sorts, which is not the order of UTF-16 units. */

/** Negative when `a` comes first in UTF-8, 0 when they are equal. */
export const byBytes = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length)
  let index = 0
  while (index < length && a.charCodeAt(index) === b.charCodeAt(index)) index++
  // UTF-8 sorts as code points do; they differ from units where a surrogate meets U+E000 and above.
  return (a.codePointAt(index) ?? -1) - (b.codePointAt(index) ?? -1)
}
