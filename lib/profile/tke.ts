/** Decides what the `tke` profile does: the Multus fork of Tencent TKE (reference/tke-multus.md) less its bugs. */
import { shortOrJson } from '../network/annotation.js'
import { primaryAlone } from '../plan/capability-scope.js'
import { annotationReplacesDefault } from '../plan/combination.js'
import { fileByName } from '../plan/lookup.js'
import { ethAfterHighest } from '../plan/naming.js'
import { asListed } from '../plan/order.js'
import { holderOfRequestedName } from '../plan/primary.js'
import type { Profile } from '../plan/profile.js'

/** The default profile: the annotation `tke.cloud.tencent.com/networks` replaces `defaultDelegates`, names are `eth<n>`. */
export const tke: Profile = {
  name: 'tke',
  annotationKeys: ['tke.cloud.tencent.com/networks'],
  grammar: shortOrJson,
  combination: annotationReplacesDefault,
  lookup: fileByName,
  order: asListed,
  naming: ethAfterHighest,
  primary: holderOfRequestedName,
  capabilityScope: primaryAlone,
  merge: { rule: 'primaryResultOnly', why: "the runtime gets the primary attachment's result" },
  configurationDirectories: ['/etc/cni/net.d/multus', '/etc/cni/net.d'],
}
