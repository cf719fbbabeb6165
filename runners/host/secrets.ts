/**
 * Decides which values of a JSON structure must not be shown: those under keys that look like tokens, passwords,
 * secrets, keys or certificate data. Refuses none: what is masked by mistake costs less than what is shown.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeJson } from '../../lib/cni/json.js'

/** What stands in the place of a secret. */
export const mask = '***'

const secretKey = /token|passw|passphrase|secret|credential|authorization|bearer|key|cert.*data/i
const deepest = 64

/**
 * A copy of a value, plain JSON, in which secrets are masked; also inside texts that are JSON themselves, such as
 * annotations. Cycles and what is nested deeper than 64 levels become `...`. Never throws.
 */
export const maskSecrets = (value: unknown): unknown => {
  try {
    return maskValue(value, [])
  } catch {
    return cut // a getter threw
  }
}

const cut = '...'

const maskValue = (value: unknown, ancestors: readonly object[]): unknown => {
  if (typeof value === 'string') return maskText(value, ancestors)
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value === 'function') return undefined
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return value.message
  if (ancestors.length >= deepest || ancestors.includes(value)) return cut
  const inside = [...ancestors, value]
  if (Array.isArray(value)) return value.map((one) => maskValue(one, inside))
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      secretKey.test(key) && isShown(one) ? mask : maskValue(one, inside),
    ]),
  )
}

// Whether there is a secret at all is none.
const isShown = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && typeof value !== 'boolean'

const maskText = (text: string, ancestors: readonly object[]): string => {
  if (!/^\s*[[{]/.test(text)) return text
  const decoded = decodeJson(text, 'text')
  return isRight(decoded) ? JSON.stringify(maskValue(decoded.right, ancestors)) : text
}
