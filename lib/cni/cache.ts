/**
 * Decides what libcni's result cache holds, `cniCacheV1` (reference/cni.md 2.8): files that libcni reads, and files that
 * libcni wrote. Refuses to trust a file's name: who an attachment is stands in its fields (divergence X-20).
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { decodeBase64, encodeBase64 } from './base64.js'
import { reportFailures } from './codec.js'
import { ifnameFault, isContainerId, isNetworkName } from './identifier.js'
import { isObject, type JsonObject } from './json.js'
import type { Problem } from './problem.js'
import { shape } from './shape.js'

/** One attachment as libcni remembers it. */
export interface CachedAttachment {
  readonly containerId: string
  readonly ifname: string
  readonly networkName: string
  /** Absent when it was empty. */
  readonly netns?: string
  /** What tells its namespace from another one under the same path; absent in files that libcni wrote. */
  readonly netnsId?: string
  /** CNI_ARGS as pairs. */
  readonly cniArgs?: readonly (readonly [key: string, value: string])[]
  readonly capabilityArgs?: JsonObject
  /** The configuration's own text: a list, or a single plugin configuration. Empty where a file has none. */
  readonly config: string
  /** The result in the version in which the last plugin gave it; absent when the file has none. */
  readonly result?: JsonObject
  /** The request that it was made for; absent in files that libcni wrote. */
  readonly request?: CachedRequest
}

/** Which request of a meta-plugin an attachment belongs to. libcni passes over the key that holds it. */
export interface CachedRequest {
  /** CNI_IFNAME of the request. */
  readonly ifname: string
  /** Which of the request's attachments it is, counted from 0 in the order of their making. */
  readonly position: number
  /** Where its plugins were looked for; absent in files of an earlier version. */
  readonly path?: readonly string[]
}

const kind = 'cniCacheV1'

interface CacheFile extends JsonObject {
  readonly kind: string
  readonly containerId: string
  readonly config: string
  readonly ifName: string
  readonly networkName: string
  readonly netns?: string
  readonly netnsId?: string
  readonly cniArgs?: readonly (readonly [string, string])[]
  readonly capabilityArgs?: JsonObject
  readonly result?: JsonObject
  readonly metacni?: {
    readonly ifName: string
    readonly position: number
    readonly path?: readonly string[]
  }
}

// What libcni passes over must not keep a file from being read: of another shape, it is somebody else's.
const orAbsent = <A>(type: t.Type<A>): t.Type<A | undefined> =>
  new t.Type(
    type.name,
    type.is,
    (value, context) => {
      const decoded = type.validate(value, context)
      return E.isLeft(decoded) ? t.success(undefined) : decoded
    },
    t.identity,
  )

const CacheFile = shape<CacheFile>(
  'CacheFile',
  {
    kind: t.literal(kind),
    containerId: t.string,
    config: t.string,
    ifName: t.string,
    networkName: t.string,
  },
  {
    netns: t.string,
    netnsId: t.string,
    cniArgs: t.array(t.tuple([t.string, t.string])),
    capabilityArgs: t.UnknownRecord,
    result: t.UnknownRecord,
    metacni: orAbsent(
      t.intersection([
        t.type({ ifName: t.string, position: t.number }),
        t.partial({ path: t.array(t.string) }),
      ]),
    ),
  },
)

/** The content of a cache file. */
export const encodeCached = (cached: CachedAttachment): JsonObject => {
  const { containerId, ifname, networkName, netns, cniArgs, capabilityArgs, config } = cached
  const { result, request, netnsId } = cached
  return {
    kind,
    containerId,
    config: encodeBase64(config),
    ifName: ifname,
    networkName,
    ...(netns ? { netns } : {}),
    ...(netns && netnsId ? { netnsId } : {}),
    ...(cniArgs?.length ? { cniArgs } : {}),
    ...(capabilityArgs && Object.keys(capabilityArgs).length > 0 ? { capabilityArgs } : {}),
    ...(result === undefined ? {} : { result }),
    ...(request && { metacni: requestFields(request) }),
  }
}

/**
 * An attachment read from a cache file's JSON. Left: why it is none, in words; also for names that no attachment can
 * have, and no file of it.
 */
export const decodeCached = (value: unknown): E.Either<string, CachedAttachment> => {
  // As libcni writes the text of a list that was built in code.
  const isWithout = isObject(value) && value.config === null
  const decoded = CacheFile.decode(isWithout ? { ...value, config: '' } : value)
  if (E.isLeft(decoded)) {
    // A failed decoding has at least one problem.
    const [problem] = reportFailures(decoded, 'bad-json', 'cache') as [Problem]
    return E.left(`${problem.path}: ${problem.message}`)
  }
  const { containerId, ifName, networkName, netns, cniArgs, capabilityArgs } = decoded.right
  const { result, metacni, netnsId } = decoded.right
  const config = decodeBase64(decoded.right.config)
  if (config === undefined) return E.left('its config is no base64 of a text')
  const key = { containerId, ifname: ifName, networkName }
  if (cacheFileName(key) === undefined) return E.left('its names are none')
  return E.right({
    ...key,
    config,
    ...(netns === undefined ? {} : { netns }),
    ...(netnsId === undefined ? {} : { netnsId }),
    ...(cniArgs === undefined ? {} : { cniArgs }),
    ...(capabilityArgs === undefined ? {} : { capabilityArgs }),
    ...(result === undefined ? {} : { result }),
    ...(metacni && { request: requestOf(metacni) }),
  })
}

const requestFields = ({ ifname, position, path }: CachedRequest) => ({
  ...{ ifName: ifname, position },
  ...(path && { path }),
})

const requestOf = ({
  ifName,
  position,
  path,
}: Exclude<CacheFile['metacni'], undefined>): CachedRequest => ({
  ...{ ifname: ifName, position },
  ...(path && { path }),
})

/**
 * The attachment of a file that was found under the name of `key`. Early versions of libcni wrote a bare result, which has
 * no configuration (reference/cni.md 2.8). Left: as decodeCached, and for a file whose fields name another attachment,
 * since `-` is legal in every part of a name (divergence X-20).
 */
export const decodeCachedAt = (
  value: unknown,
  key: CacheKey,
): E.Either<string, CachedAttachment> => {
  const { containerId, ifname, networkName } = key
  if (isObject(value) && value.kind === undefined)
    return E.right({ containerId, ifname, networkName, config: '', result: value })
  return E.chain(
    (cached: CachedAttachment): E.Either<string, CachedAttachment> =>
      cached.containerId === containerId &&
      cached.ifname === ifname &&
      cached.networkName === networkName
        ? E.right(cached)
        : E.left('it is of another attachment'),
  )(decodeCached(value))
}

/** What names a cached attachment. */
export interface CacheKey {
  readonly networkName: string
  readonly containerId: string
  readonly ifname: string
}

/**
 * The name of an attachment's file in `<cacheDir>/results`, or undefined when a part of it cannot be in a path. The name
 * is ambiguous, since `-` is legal in every part.
 */
export const cacheFileName = ({
  networkName,
  containerId,
  ifname,
}: CacheKey): string | undefined =>
  isNetworkName(networkName) && isContainerId(containerId) && ifnameFault(ifname) === undefined
    ? `${networkName}-${containerId}-${ifname}`
    : undefined
