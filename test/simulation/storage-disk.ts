/** Decides how the host's journal fails in a simulation: on a disk that is full, read-only, broken, or without power. */
import { isRight } from 'fp-ts/lib/Either.js'
import { type CachedAttachment, decodeCached } from '../../lib/cni/cache.js'
import { decodeRecord } from '../../lib/engine/record.js'
import type { Attachment } from '../../lib/plan/types.js'
import type { Log } from '../../lib/ports/index.js'
import { withResultCache } from '../../runners/host/cached-journal.js'
import { createHostJournal } from '../../runners/host/journal.js'
import { createResultCache } from '../../runners/host/result-cache.js'
import type { DriverProcess } from '../../runners/memory/index.js'
import { createSimulatedDisk, type DiskFault } from './disk.js'
import type { Random } from './random.js'
import { type Storage, spoiledText } from './storage.js'
import { isGood } from './storage-memory.js'

const directory = '/var/lib/cni/multus'
const fork = '/var/lib/cni/networks/multus'
const cacheDirectory = '/var/lib/cni'
const recordPath = /^\/var\/lib\/cni\/multus\/\.metacni\/([^/]+)\/([^/]+)\.json$/
const scratchPath = /^\/var\/lib\/cni\/(?:networks\/)?multus\/([^/.]+)$/
const cachePath = /^\/var\/lib\/cni\/results\/(?!\.)/

const diskFaults: readonly ((random: Random) => DiskFault)[] = [
  () => ({ kind: 'error' }),
  () => ({ kind: 'error' }),
  (random) => ({ kind: 'full', operations: 1 + random.below(60) }),
  (random) => ({ kind: 'read-only', operations: 1 + random.below(60) }),
  () => ({ kind: 'crash', when: 'before' }),
  () => ({ kind: 'crash', when: 'after' }),
]

/** The host's journal on a simulated disk, with up to three faulty operations. */
export const createDiskStorage = (
  random: Random,
  driver: DriverProcess,
  hasCache: boolean,
): Storage => {
  const disk = createSimulatedDisk(driver)
  const faults = random.below(4)
  for (let count = faults; count > 0; count--)
    disk.faultAt(random.below(240), random.pick(diskFaults)(random))

  let isUnlocked = false
  const log: Log = {
    write: (_, message) => {
      if (message === 'containers are not locked') isUnlocked = true
    },
  }
  const cachedFor = (containerId: string): readonly CachedAttachment[] =>
    [...disk.texts()].flatMap(([path, text]) => {
      const decoded = cachePath.test(path) ? decodeCached(JSON.parse(text)) : undefined
      if (decoded === undefined || !isRight(decoded)) return []
      return decoded.right.containerId === containerId ? [decoded.right] : []
    })
  // An entry that was removed may come back with the power: then it is of another plan, and knows nothing of this one.
  const unknownTo = (
    cached: readonly CachedAttachment[],
    attachments: readonly Attachment[],
  ): readonly Attachment[] =>
    attachments.filter(
      ({ ifname, config }) =>
        !cached.some((one) => one.ifname === ifname && one.config === JSON.stringify(config)),
    )

  return {
    name: hasCache ? 'disk and cache' : 'disk',
    begin: () => {
      const { files, lock } = disk.mount()
      const journal = createHostJournal({ directory, foreign: [fork], files, lock, log })
      const cache = createResultCache({ directory: cacheDirectory, files })
      return hasCache ? withResultCache(journal, { cache, log }) : journal
    },
    get isUnlocked() {
      return isUnlocked
    },
    isSound: faults === 0,
    isLying: false,
    disarm: disk.disarm,
    cutPower: disk.cutPower,
    spoil: (chance) => {
      const records = [...disk.texts()].flatMap(([path, text]) => {
        const [, containerId = '', ifname = ''] = recordPath.exec(path) ?? []
        const isRecord = containerId !== '' && isGood(text, { containerId, ifname })
        return isRecord ? [{ path, text, containerId, ifname }] : []
      })
      if (records.length === 0) return undefined
      const { path, text, containerId, ifname } = chance.pick(records)
      const other = records.find((one) => one.path !== path)
      const wrong = spoiledText(chance, text, other?.text)
      disk.put(path, wrong)
      const decoded = decodeRecord(JSON.parse(text))
      const attachments = isRight(decoded) ? decoded.right.plan.attachments : []
      const lost = unknownTo(hasCache ? cachedFor(containerId) : [], attachments)
      return { containerId, ifname, text: wrong, lost }
    },
    knows: (containerId, attachment) =>
      !hasCache || unknownTo(cachedFor(containerId), [attachment]).length === 0,
    putScratch: (containerId, text) => {
      disk.put(`${fork}/${containerId}`, text)
    },
    keeps: ({ containerId, ifname, text }) => {
      const places = [
        `${directory}/.metacni/${containerId}/${ifname}.json`,
        `${fork}/${containerId}`,
      ]
      return [...disk.texts()].some(
        ([path, found]) => found === text && places.some((place) => path.startsWith(place)),
      )
    },
    remains: (spoiled) =>
      [...disk.texts()].flatMap(([path, text]) => {
        if (/\.corrupt(-\d+)?$|\.tmp$/.test(path)) return []
        if (scratchPath.test(path)) return spoiled.some((one) => one.text === text) ? [] : [path]
        const isOurs = cachePath.test(path) || path.startsWith(`${directory}/.metacni/`)
        return isOurs ? [path] : []
      }),
    get locked() {
      return disk.locked
    },
  }
}
