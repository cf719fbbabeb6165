/** Decides how decisions and messages call an attachment and its network. */
import type { Attachment } from './types.js'

/** `namespace/name`, or the name alone. */
export const networkName = ({ namespace, name }: Attachment['network']): string =>
  namespace === undefined ? name : `${namespace}/${name}`

/** `network@interface`: what decisions about an attachment name as their subject. */
export const subjectOf = ({ network, ifname }: Attachment): string => `${network.name}@${ifname}`
