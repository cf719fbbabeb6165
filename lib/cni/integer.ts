/** Decides what counts as a whole number where Go reads an int. Refuses what a double does not hold exactly. */
import * as t from 'io-ts'

/** A whole number that a double holds. */
export const Integer: t.Type<number> = new t.Type(
  'integer',
  (value): value is number => Number.isSafeInteger(value),
  (value, context) =>
    Number.isSafeInteger(value) ? t.success(value as number) : t.failure(value, context),
  t.identity,
)
