/**
 * Decides nothing: the files of the machine, by their ports. `parsePodManifest` stays in pod-manifest.js, because it
 * brings the YAML parser along.
 */

export { mask, maskSecrets } from '../../lib/cni/secrets.js'
export type { NamespaceAt } from '../../lib/engine/namespace.js'
export { installedBinaries, type MissingBinary, missingBinaries } from './binaries.js'
export { type CachedJournalOptions, withResultCache } from './cached-journal.js'
export {
  type ConfigFiles,
  createDirectorySource,
  readConfigDirectory,
  readConfigFile,
} from './config-directory.js'
export { createHostJournal, forkDirectory, type HostJournalOptions } from './journal.js'
export { createHostLog, type HostLog, type HostLogOptions } from './log-file.js'
export { noJournal } from './no-journal.js'
export { createManifestPodSource } from './pod-source.js'
export { openRecordingFile, openRecordingIn, type RecordingFile } from './recording-file.js'
export { createResultCache, type HostResultCache, type ResultCacheOptions } from './result-cache.js'
