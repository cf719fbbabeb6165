/** Decides what the `multus` profile does: upstream Multus v4 (reference/multus-v4.md) less its hazards. */
import { shortOrJsonUpstream } from '../network/annotation.js'
import { primaryAlone } from '../plan/capability-scope.js'
import { defaultThenAnnotation } from '../plan/combination.js'
import { fileByName } from '../plan/lookup.js'
import { netByPosition } from '../plan/naming.js'
import { asListed } from '../plan/order.js'
import { firstListed } from '../plan/primary.js'
import type { Profile } from '../plan/profile.js'

/**
 * The default networks first, then those of `k8s.v1.cni.cncf.io/networks`; names are `net<position>`. Networks are
 * files: NetworkAttachmentDefinition objects are not there yet (docs/profiles.md).
 */
export const multus: Profile = {
  name: 'multus',
  annotationKeys: ['k8s.v1.cni.cncf.io/networks'],
  grammar: shortOrJsonUpstream,
  combination: defaultThenAnnotation,
  lookup: fileByName,
  order: asListed,
  naming: netByPosition,
  primary: firstListed,
  capabilityScope: primaryAlone,
  merge: { rule: 'primaryResultOnly', why: "the runtime gets the default network's result" },
  configurationDirectories: ['/etc/cni/multus/net.d'],
}
