/**
 * Decides how a stranger's text is shown to people, on a terminal or in an error: escaped. Refuses control characters: an
 * interface name may hold an escape sequence and still be one that Linux takes.
 */

/** A text without characters that move the cursor, change colours or direction, or do not show: `\u001b` for ESC. */
export const printable = (text: string): string =>
  // The tables of Unicode are built only where they are needed.
  /[^ -~]/.test(text) ? text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeCharacter) : text

const escapeCharacter = (character: string): string => {
  const hex = (character.codePointAt(0) as number).toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}
