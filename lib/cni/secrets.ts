/**
 * Decides which values of a JSON structure must not be shown: those under keys that look like tokens, passwords,
 * secrets, keys or certificate data. Refuses none: what is masked by mistake costs less than what is shown.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeJson, maximumDepth } from './json.js'

/** What stands in the place of a secret. */
export const mask = '***'

// What may stand between two words is bounded: a key of 1 MiB is gone through once.
const secretKey =
  /token|passw|passphrase|secret|credential|authorization|bearer|key|cert.{0,64}data/i

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
export const maskSecrets = (value: unknown): unknown => maskWith(value, {})

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
  if (value instanceof Error) return value.message
  if (ancestors.length >= (masking.deepest ?? maximumDepth) || ancestors.includes(value)) return cut
  const inside = [...ancestors, value]
  if (Array.isArray(value)) return value.map((one) => maskValue(one, key, inside, masking))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (!secretKey.test(name) || !isShown(one)) {
        return [name, maskValue(one, name, inside, masking)]
      }
      masking.onSecret?.(one)
      return [name, mask]
    }),
  )
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
  if (!isRight(decoded)) return showText(text, key)
  // What hides nothing stays as it was written: numbers may be longer than JSON.parse keeps.
  const masked = JSON.stringify(maskValue(decoded.right, key, ancestors, masking))
  return masked === JSON.stringify(decoded.right) ? text : masked
}
