/**
 * One random schedule of ADD, DEL and CHECK on the memory node, made from a seed: plugins that fail with and without
 * effect, a process that dies at any call or write, writes that are refused or lost. At its end everything is deleted,
 * and whatever is then left is the finding.
 */
import { createEngine } from '../../lib/create-engine.js'
import type { Outcome } from '../../lib/engine/state.js'
import type { Attachment, Plan } from '../../lib/plan/types.js'
import type { Journal, JournalEntry, Stored } from '../../lib/ports/index.js'
import {
  createDriverProcess,
  createMemoryJournal,
  createMemoryNode,
  type DriverProcess,
  type Fault,
  faults,
  journalFaults,
  type MemoryJournal,
  type WriteFault,
} from '../../runners/memory/index.js'

/** What a schedule found wrong; `trace` tells what it did. */
export interface Finding {
  readonly seed: number
  readonly message: string
  readonly trace: readonly string[]
}

type Random = <A>(choices: readonly A[]) => A

// A small generator of known quality (mulberry32): equal seeds, equal schedules, on every machine.
const randomFrom = (seed: number) => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    below: (limit: number) => Math.floor(next() * limit),
    pick: ((choices) => choices[Math.floor(next() * choices.length)]) as Random,
  }
}
type Source = ReturnType<typeof randomFrom>

const hostLocal = (third: number) => ({ type: 'host-local', subnet: `10.9.${third}.0/28` })
const networks: readonly ((name: string, third: number) => readonly Record<string, unknown>[])[] = [
  (_, third) => [{ type: 'bridge', isGateway: true, ipam: hostLocal(third) }],
  (_, third) => [
    { type: 'bridge', ipMasq: true, isGateway: true, ipam: hostLocal(third) },
    { type: 'tuning', mtu: 1400 },
  ],
  (_, third) => [
    { type: 'ptp', ipam: hostLocal(third) },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
  () => [{ type: 'macvlan', master: 'ens1f0' }],
  () => [{ type: 'sriov', if0: 'ens1f0', vlan: 210, l2enable: true }],
  (name) => [{ type: 'flannel', dataDir: `/var/lib/cni/flannel-${name}` }],
]

const planOf = (random: Source, first: number): Plan => {
  const version = random.pick(['0.3.1', '0.4.0', '1.0.0', '1.1.0'])
  const attachments = Array.from({ length: 1 + random.below(3) }, (_, index): Attachment => {
    const name = `net-${first + index}`
    return {
      network: { name, source: { kind: 'file', file: `${name}.conflist` } },
      ifname: `eth${first + index}`,
      primary: index === 0,
      config: { name, cniVersion: version, plugins: random.pick(networks)(name, index) as never },
      capabilityArgs: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
    }
  })
  // Without an address a result cannot be given in 0.2.0: that ADD must be undone as well.
  const resultVersion = random.pick([version, version, '0.2.0'])
  return {
    version: 1,
    attachments,
    merge: random.pick(['primaryResultOnly', 'allInterfaces']),
    resultVersion,
    decisions: [],
    warnings: [],
  }
}

const callFaults: readonly (() => Fault)[] = [
  () => faults.refuse(),
  () => faults.refuse({ code: 11, msg: 'later' }, 'done'),
  () => faults.noAnswer('timeout'),
  () => faults.noAnswer('timeout', 'done'),
  () => faults.noAnswer('not-found'),
  () => faults.noAnswer('unkillable', 'done'),
  () => faults.garbage(),
  () => faults.crash('before'),
  () => faults.crash('after'),
]
const writeFaults: readonly (() => WriteFault)[] = [
  () => journalFaults.refuse(),
  () => journalFaults.crash('before'),
  () => journalFaults.crash('after'),
  () => journalFaults.lose(),
]

interface Armed {
  readonly journal: Journal
  readonly disarm: () => void
}

/** A journal in which the n-th write from now fails. The write that makes a record is never lost: see below. */
const armJournal = (journal: MemoryJournal, faulty: ReadonlyMap<number, WriteFault>): Armed => {
  let count = 0
  let armed = true
  const arm = (creates: boolean): void => {
    const fault = faulty.get(count++)
    // A disk that loses the one write that was synced before anything ran leaves nothing to go by: no journal helps.
    if (!armed || fault === undefined || (creates && fault.kind === 'lose')) return
    journal.faultAt(journal.writes, fault)
  }
  const wrap = (entry: JournalEntry): JournalEntry => {
    const known = new Set(entry.records.keys())
    return {
      ...entry,
      save: (ifname, record) => {
        arm(!known.has(ifname))
        known.add(ifname)
        return entry.save(ifname, record)
      },
      remove: (ifname) => {
        arm(false)
        known.delete(ifname)
        return entry.remove(ifname)
      },
    }
  }
  return {
    journal: {
      list: () => journal.list(),
      open: async (containerId, mode, signal): Promise<Stored<JournalEntry>> => {
        const opened = await journal.open(containerId, mode, signal)
        return opened.ok ? { ok: true, value: wrap(opened.value) } : opened
      },
    },
    disarm: () => {
      armed = false
    },
  }
}

/** Runs the schedule of a seed; undefined when nothing was found. */
export const runSchedule = async (seed: number): Promise<Finding | undefined> => {
  const random = randomFrom(seed)
  const trace: string[] = []
  const found = (message: string): Finding => ({ seed, message, trace })
  const driver = createDriverProcess()
  const node = createMemoryNode({ seed, driver, physicalFunctions: { ens1f0: 4 } })
  const stored = createMemoryJournal({ driver })
  const faulty = new Map<number, WriteFault>()
  for (let count = random.below(3); count > 0; count--)
    faulty.set(random.below(8), random.pick(writeFaults)())
  const disarms = Array.from({ length: random.below(3) }, () =>
    node.faultAt(random.below(14), random.pick(callFaults)()),
  )
  const armed = armJournal(stored, faulty)
  const engine = createEngine({ runner: node.runner, journal: armed.journal })

  const plans = new Map<string, Plan>()
  for (let count = 2 + random.below(4); count > 0; count--) {
    const containerId = random.pick(['c1', 'c1', 'c2'])
    const ifname = random.pick(['eth0', 'eth0', 'eth0', 'eth5'])
    const sandbox = {
      containerId,
      netns: `/run/netns/${containerId}`,
      ifname,
      args: '',
      path: ['/opt/cni/bin'],
    }
    const verb = random.pick(['ADD', 'ADD', 'DEL', 'CHECK'] as const)
    const key = `${containerId} ${ifname}`
    if (verb === 'ADD') plans.set(key, planOf(random, ifname === 'eth0' ? 0 : 5))
    const plan = plans.get(key)
    const operation = (): Promise<Outcome<unknown>> => {
      if (verb === 'ADD' && plan !== undefined) return engine.add(plan, sandbox)
      return verb === 'CHECK' ? engine.check(sandbox) : engine.del({ containerId, ifname })
    }
    const outcome = await untilCrash(operation, driver)
    trace.push(`${verb} ${key}: ${wordsOf(outcome)}`)
    if (
      verb === 'ADD' &&
      outcome !== undefined &&
      !outcome.ok &&
      outcome.left.length === 0 &&
      plan !== undefined
    ) {
      const refused = ['already-attached', 'ifname-in-use', 'several'].includes(outcome.error.kind)
      const own = node
        .leftovers()
        .filter(
          ({ owner }) =>
            owner?.containerId === containerId &&
            plan.attachments.some(({ ifname: one }) => one === owner.ifname),
        )
      if (!refused && own.length > 0)
        return found(
          `a failed ADD says that nothing is left: ${own.map(({ what }) => what).join('; ')}`,
        )
    }
    if (random.below(8) === 0) node.removeNamespace(`/run/netns/${containerId}`)
  }

  armed.disarm()
  for (const disarm of disarms) disarm()
  const last = createEngine({ runner: node.runner, journal: stored })
  for (const containerId of ['c1', 'c2']) {
    const outcome = await untilCrash(() => last.del({ containerId }), driver)
    trace.push(`last DEL ${containerId}: ${wordsOf(outcome)}`)
    if (outcome === undefined || !outcome.ok) return found('the last DEL fails')
  }
  const left = node.leftovers()
  if (left.length > 0)
    return found(`left over: ${left.map(({ kind, what }) => `${kind} ${what}`).join('; ')}`)
  if (stored.state.records.length > 0) return found('records are left over')
  if (stored.held.length > 0) return found('a container is still locked')
  return undefined
}

/** What an operation came to; undefined when its process died: then the next one begins a new life. */
const untilCrash = async (
  operation: () => Promise<Outcome<unknown>>,
  driver: DriverProcess,
): Promise<Outcome<unknown> | undefined> => {
  const outcome = await Promise.race([operation(), driver.crashed.then(() => undefined)])
  if (driver.isDead) {
    driver.restart()
    return undefined
  }
  return outcome
}

const wordsOf = (outcome: Outcome<unknown> | undefined): string => {
  if (outcome === undefined) return 'died'
  return outcome.ok
    ? 'ok'
    : `${outcome.error.kind}, left ${outcome.left.map(({ ifname }) => ifname).join(' ') || 'nothing'}`
}
