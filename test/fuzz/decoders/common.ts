/** What the promises of several decoders are said with. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { decodeJson } from '../../../lib/cni/json.js'

/** The value of a JSON text, or undefined when it is none: that is the decoder's to refuse as well. */
export const jsonOf = (text: string): unknown => {
  const json = decodeJson(text, 'input')
  return E.isRight(json) ? json.right : undefined
}

/** What was made of an input can be printed, and reads the same again. */
export const prints = (value: unknown): void => {
  const text = JSON.stringify(value) ?? 'null'
  assert.equal(JSON.stringify(JSON.parse(text)), text)
}
