/**
 * Decides which values of a JSON structure must not be shown: those under secret keys (secret-keys.ts), what texts spell out
 * (secret-texts.ts), and what follows `--password` in a list of arguments. Refuses none.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeJson, maximumDepth } from './json.js'
import { isSecretKey } from './secret-keys.js'
import { isLoginFlag, isSecretFlag, mask, maskLogin, maskSpelledOut } from './secret-texts.js'

export { mask }

/** How more than the values of secret keys is masked. */
export interface Masking {
  /** What is nested deeper becomes `...`. Default: 64 levels. */
  readonly deepest?: number
  /** What is shown of a text, and the key under which it stands. A text that is JSON is looked into first. */
  readonly showText?: (text: string, key: string) => string
  /** Told what was masked. */
  readonly onSecret?: (value: unknown) => void
}

/**
 * A copy of a value, plain JSON, in which secrets are masked; also inside texts that are JSON themselves, such as
 * annotations. Cycles and what is nested deeper than 64 levels become `...`. Never throws.
 */
export const maskSecrets = (value: unknown): unknown =>
  maskWith(value, { showText: maskSpelledOut })

/** As `maskSecrets`, with a say in how texts are shown. */
export const maskWith = (value: unknown, masking: Masking): unknown => {
  try {
    return maskValue(value, '', [], masking)
  } catch {
    return cut // a getter threw
  }
}

const cut = '...'

const maskValue = (
  value: unknown,
  key: string,
  ancestors: readonly object[],
  masking: Masking,
): unknown => {
  if (typeof value === 'string') return maskText(value, key, ancestors, masking)
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value === 'function') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return maskText(value.message, key, ancestors, masking)
  if (ancestors.length >= (masking.deepest ?? maximumDepth) || ancestors.includes(value)) return cut
  const inside = [...ancestors, value]
  if (Array.isArray(value))
    return value.map((one, index) => maskItem(one, value[index - 1], key, inside, masking))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (!isSecretKey(name) || !isShown(one)) {
        return [name, maskValue(one, name, inside, masking)]
      }
      masking.onSecret?.(one)
      return [name, mask]
    }),
  )
}

/** An item of a list, which may be the argument of the item before it. */
const maskItem = (
  one: unknown,
  before: unknown,
  key: string,
  ancestors: readonly object[],
  masking: Masking,
): unknown => {
  if (typeof one === 'string' && one !== '' && typeof before === 'string') {
    if (isSecretFlag(before)) {
      masking.onSecret?.(one)
      return mask
    }
    const shown = isLoginFlag(before) ? maskLogin(one) : one
    if (shown !== one) return shown
  }
  return maskValue(one, key, ancestors, masking)
}

// Whether there is a secret at all is none.
const isShown = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && typeof value !== 'boolean'

const maskText = (
  text: string,
  key: string,
  ancestors: readonly object[],
  masking: Masking,
): string => {
  const { showText = (shown: string) => shown } = masking
  if (!/^\s*[[{]/.test(text)) return showText(text, key)
  const decoded = decodeJson(text, 'text')
  if (!isRight(decoded)) {
    const shown = showText(text, key)
    // What broke it may have been within the secret: then it is looked into after all.
    const isMended = shown !== text && isRight(decodeJson(shown, 'text'))
    return isMended ? maskText(shown, key, ancestors, masking) : shown
  }
  // What hides nothing stays as it was written: numbers may be longer than JSON.parse keeps.
  const masked = JSON.stringify(maskValue(decoded.right, key, ancestors, masking))
  return masked === JSON.stringify(decoded.right) ? text : masked
}
