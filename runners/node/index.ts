/**
 * Decides nothing: what other runners, and plugins, need of Node alone. `servePlugin` is what a meta-CNI's program calls.
 */
export type { NamespaceAt } from '../../lib/engine/namespace.js'
export { isTemporary, syncDirectory, writeAtomically } from './atomic-write.js'
export {
  isNoText,
  readDescriptorBounded,
  readFileBounded,
  readStreamBounded,
  type StreamBounds,
  type Text,
} from './bounded-read.js'
export {
  type DirectoryEntry,
  type FileStatus,
  type FileSystem,
  machineFiles,
  type WritableFile,
} from './file-system.js'
export { type Lock, type Locked, lockDescriptor } from './flock.js'
export {
  lookAtNamespace,
  type NamespaceKind,
  namespacePlace,
  networkNamespaceAt,
} from './network-namespace.js'
export { type Found, findPlugin } from './plugin-path.js'
export { servePlugin } from './serve.js'
export { createStarter, type Finished, type Program, type Starter, start } from './start.js'
