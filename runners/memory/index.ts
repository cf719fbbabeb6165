/** Decides what `metacni/runners/memory` offers: a simulated node, a journal in memory, and what they are made of. */
export type {
  PluginBehaviour,
  PluginCall,
  PluginEnvironment,
  PluginReply,
} from './call.js'
export { createDriverProcess, type DriverProcess } from './driver-process.js'
export { type Effect, type Fault, type FaultMatch, faults } from './fault.js'
export type { LoggedInvocation } from './invocation-log.js'
export {
  createMemoryJournal,
  journalFaults,
  type MemoryJournal,
  type MemoryJournalOptions,
  type WriteFault,
} from './journal.js'
export {
  type JournalRecord,
  type JournalState,
  type ParsedJournalState,
  parseJournalState,
} from './journal-state.js'
export type { Leftover } from './leftovers.js'
export { addLink, addRoutes, changeLink, type NewLink, removeLink, setUp } from './links.js'
export {
  createMemoryNode,
  defaultSubnetEnv,
  type MemoryNode,
  type MemoryNodeOptions,
} from './node.js'
export { simulatedPlugins } from './plugins/index.js'
export { describeInterfaces, type InterfaceView, showAddresses, showFunctions } from './show.js'
export { type NamespaceState, type NodeState, type ParsedState, parseNodeState } from './state.js'
export {
  createVirtualTime,
  type NodeTime,
  type VirtualTime,
  type VirtualTimeOptions,
  wallTime,
} from './time.js'
export {
  findNamespace,
  type Link,
  type Namespace,
  newMac,
  noVlan,
  type Owner,
  openNamespace,
  type Route,
  type VirtualFunction,
  type World,
} from './world.js'
