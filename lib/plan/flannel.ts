/**
 * Decides whether several flannel networks of one pod can live side by side. Refuses two that share a `dataDir`:
 * flannel keeps one file a container there, so the second would overwrite the first (reference/plugins-and-ip.md F-07).
 */
import { at, failure, type Problem, quote } from '../cni/problem.js'
import type { Attachment } from './types.js'

const defaultDataDir = '/var/lib/cni/flannel'

/** A Problem for every flannel attachment whose `dataDir` an earlier one of the plan uses. */
export const checkFlannel = (attachments: readonly Attachment[], problems: Problem[]): void => {
  let users: Map<string, string> | undefined
  for (const { network, config } of attachments) {
    for (const plugin of config.plugins) {
      if (plugin.type !== 'flannel') continue
      const given = plugin.dataDir
      const dataDir =
        typeof given === 'string' && given !== '' ? trimSlashes(given) : defaultDataDir
      users ??= new Map()
      const user = users.get(dataDir)
      if (user === undefined) {
        users.set(dataDir, network.name)
        continue
      }
      const source = network.source.kind === 'file' ? network.source.file : network.name
      const message = `flannel networks ${quote(user)} and ${quote(network.name)} share dataDir ${quote(dataDir)}, where flannel keeps one file a container`
      const hint = `give ${network.name} a "dataDir" of its own, for example ${dataDir}-${network.name}`
      problems.push(failure('shared-flannel-data-dir', at(source, 'dataDir'), message, hint))
    }
  }
}

const trimSlashes = (path: string): string => {
  let end = path.length
  while (end > 1 && path.charCodeAt(end - 1) === 0x2f) end--
  return path.slice(0, end)
}
