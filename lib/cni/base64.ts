/** Decides how text becomes base64 and back (RFC 4648, padded), as UTF-8. Refuses what is not base64 of UTF-8. */

/** The base64 of a text's UTF-8 bytes. */
export const encodeBase64 = (text: string): string => {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The text whose UTF-8 bytes these are, or undefined. */
export const decodeBase64 = (base64: string): string | undefined => {
  try {
    const bytes = Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
