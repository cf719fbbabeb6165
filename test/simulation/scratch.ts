/** Decides what a Go plugin would have left of a plan (reference/tke-multus.md 1.9, multus-v4.md 2.9). */
import { encodeBase64 } from '../../lib/cni/base64.js'
import type { Plan } from '../../lib/plan/types.js'
import type { Random } from './random.js'

/** The text of a scratch file, as the TKE fork or v4 writes it. */
export const scratchOf = (random: Random, { attachments }: Plan): string => {
  const isFork = random.oneIn(2)
  const delegates = attachments.map(({ config, ifname, primary }) => {
    const [plugin] = config.plugins
    const isSingle = config.plugins.length === 1 && random.oneIn(2)
    const { name, cniVersion } = config
    const conf = isSingle ? { ...plugin, name, cniVersion } : config
    const parsed = isSingle ? { Conf: conf, ConfList: {} } : { Conf: {}, ConfList: conf }
    const Bytes = random.oneIn(4) ? null : encodeBase64(JSON.stringify(conf))
    return isFork
      ? { ...parsed, ifnameRequest: ifname, ...(primary && { masterPlugin: true }), Bytes }
      : { ...parsed, Name: name, ...(!primary && { ifnameRequest: ifname }), Bytes }
  })
  return JSON.stringify(delegates)
}
