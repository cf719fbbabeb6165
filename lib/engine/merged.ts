/**
 * Decides the result of a complete ADD: that of each attachment in its list's version, merged by the plan's rule, in the
 * version that the plan asks for (divergence X-04). Refuses what that version cannot express, and what is no result.
 */
import * as E from 'fp-ts/lib/Either.js'
import { convertAny, convertResult, toCurrent } from '../cni/convert.js'
import { type CniError, cniError, cniErrorCodes } from '../cni/error.js'
import { isObject } from '../cni/json.js'
import { quote, thrownText } from '../cni/problem.js'
import type { AnyResult } from '../cni/result.js'
import { currentVersion, versionOrDefault } from '../cni/version.js'
import type { AttachmentResult, Merges } from '../plan/merge.js'
import type { Attachment } from '../plan/types.js'
import type { EngineRecord } from './record.js'
import type { Added } from './state.js'

/** What an ADD gives whose every step is complete. Left: code 999, of the rule or of the conversion. */
export const mergedOf = (
  { plan, steps }: EngineRecord,
  merges: Merges,
): E.Either<CniError, Added> => {
  const said = plan.attachments.map((attachment, index) =>
    inListVersion(attachment, steps[index]?.result),
  )
  const attachments: AttachmentResult[] = []
  for (const [index, attachment] of plan.attachments.entries()) {
    const result = toCurrent(said[index] as AnyResult)
    if (E.isLeft(result)) return result
    attachments.push({ attachment, result: result.right })
  }
  let merged: unknown
  // A merge rule may be an embedder's own function, and have no types.
  try {
    merged = merges[plan.merge]?.(attachments)
  } catch (error) {
    return E.left(failed(`the merge rule ${plan.merge} failed: ${thrownText(error)}`))
  }
  if (!isObject(merged) || typeof merged.cniVersion !== 'string') {
    return E.left(failed(`the merge rule ${plan.merge} gave no result, but ${quote(merged)}`))
  }
  // What the rule only chose need not go through the newest version, which cannot hold all that older ones say.
  const chosen = said[attachments.findIndex(({ result }) => result === merged)]
  const converted = chosen
    ? convertResult(chosen, plan.resultVersion)
    : convertAny(merged, plan.resultVersion)
  return E.map((result: AnyResult) => ({ result, attachments }))(converted)
}

// The list's version, where it can express the result (divergence X-04); what the plugin said otherwise.
const inListVersion = (
  { config }: Attachment,
  result: AnyResult = { cniVersion: currentVersion },
): AnyResult =>
  E.getOrElse(() => result)(convertResult(result, versionOrDefault(config.cniVersion)))

const failed = (message: string): CniError => cniError(cniErrorCodes.internal, message)
