/** Decides which attachments are offered what the runtime sends in runtimeConfig. */
import type { JsonObject } from '../cni/json.js'
import type { CapabilityScope } from './profile.js'

const nothing: JsonObject = {}

/**
 * The primary attachment alone (attachment-spec.md 7.5). The fork offered it to every one, which opens host ports and
 * shapes bandwidth twice.
 */
export const primaryAlone: CapabilityScope = {
  rule: 'primaryAlone',
  scope: (runtimeConfig, { primary }) => (primary ? runtimeConfig : nothing),
  why: "the runtime's runtimeConfig goes to the primary attachment alone",
}
