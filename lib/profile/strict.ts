/**
 * Decides what the `strict` profile does: the network attachment specification to the letter (attachment-spec.md), as
 * far as planning without NetworkAttachmentDefinition objects goes.
 */
import { shortOrJsonSpecified } from '../network/annotation.js'
import { primaryAlone } from '../plan/capability-scope.js'
import { defaultThenAnnotation } from '../plan/combination.js'
import { fileByName } from '../plan/lookup.js'
import { netByPosition } from '../plan/naming.js'
import { asListed } from '../plan/order.js'
import { firstListed } from '../plan/primary.js'
import type { Profile } from '../plan/profile.js'

/**
 * The default networks first, then those of `k8s.v1.cni.cncf.io/networks` (6.2); every network twice is two attachments
 * (4.2); a request that the specification reserves and that is not there yet is refused instead of dropped.
 */
export const strict: Profile = {
  name: 'strict',
  annotationKeys: ['k8s.v1.cni.cncf.io/networks'],
  grammar: shortOrJsonSpecified,
  combination: defaultThenAnnotation,
  lookup: fileByName,
  order: asListed,
  naming: netByPosition,
  primary: firstListed,
  capabilityScope: primaryAlone,
  merge: { rule: 'primaryResultOnly', why: "the runtime gets the default network's result" },
  configurationDirectories: ['/etc/cni/multus/net.d'],
}
