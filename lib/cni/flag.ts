/**
 * Decides how the flags of a network configuration list read: true or false, or one of these as a text in any case
 * (SPEC "Network configuration format"; reference/cni.md 2.1). Refuses every other value, the empty text and null too.
 */

/** The flags of a list. None of them means anything in a single configuration (reference/cni.md 2.3). */
export const listFlags = ['disableCheck', 'disableGC', 'loadOnlyInlinedPlugins'] as const

/** What a flag says, or undefined where it says neither. */
export const readFlag = (value: unknown): boolean | undefined => {
  if (typeof value === 'boolean') return value
  // Lower case changes the length of no text that could become one of these two.
  const text = typeof value === 'string' && value.length < 6 ? value.toLowerCase() : ''
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** Whether a flag is set. An absent one is not; what is no flag was refused when the list was read. */
export const isOn = (value: unknown): boolean => readFlag(value) === true
