/**
 * Decides what a CNI result is, in the shape of every version (reference/cni.md 3.1), and reads one from a decoded
 * stdout. Refuses results of unknown versions and addresses that are none; unknown keys are kept.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { reportFailures } from './codec.js'
import { type CniError, cniError, cniErrorCodes } from './error.js'
import { Integer } from './integer.js'
import { isObject, type JsonObject } from './json.js'
import { quote } from './problem.js'
import {
  CidrText,
  GatewayText,
  IntegerUnlessZero,
  NameText,
  TextUnlessEmpty,
  versionText,
} from './result-values.js'
import { shape } from './shape.js'
import { isKnownVersion, versionOrDefault } from './version.js'

/** An interface that a plugin made or changed. `sandbox` absent or empty: on the host. */
export interface ResultInterface extends JsonObject {
  readonly name: string
  readonly mac?: string
  readonly sandbox?: string
  /** In bytes; since 1.1.0, as `socketPath` and `pciID`. */
  readonly mtu?: number
  readonly socketPath?: string
  readonly pciID?: string
}

export const ResultInterface = shape<ResultInterface>(
  'ResultInterface',
  { name: NameText },
  {
    mac: TextUnlessEmpty,
    sandbox: TextUnlessEmpty,
    mtu: IntegerUnlessZero,
    socketPath: TextUnlessEmpty,
    pciID: TextUnlessEmpty,
  },
)

/** An address. `version` exists in 0.3.0 to 0.4.0 alone. */
export interface ResultAddress extends JsonObject {
  /** In CIDR form, host bits kept, canonical. */
  readonly address: string
  readonly gateway?: string
  /** An index into `interfaces`; 0 is one, and some plugins write -1 for none. */
  readonly interface?: number
  /** "4" or "6"; what it says counts, not the address. */
  readonly version?: string
}

const addressKeys = { gateway: GatewayText, interface: Integer }

export const ResultAddress = shape<ResultAddress>(
  'ResultAddress',
  { address: CidrText },
  { ...addressKeys, version: t.string },
)

// Since 1.0.0 `version` is a key like any that nobody knows.
const UnlabelledAddress = shape<ResultAddress>('ResultAddress', { address: CidrText }, addressKeys)

/** A route inside the container. */
export interface ResultRoute extends JsonObject {
  /** In CIDR form, canonical. */
  readonly dst: string
  readonly gw?: string
  /** In bytes; since 1.1.0, as all that follow. */
  readonly mtu?: number
  readonly advmss?: number
  readonly priority?: number
  readonly table?: number
  readonly scope?: number
}

export const ResultRoute = shape<ResultRoute>(
  'ResultRoute',
  { dst: CidrText },
  {
    gw: GatewayText,
    mtu: IntegerUnlessZero,
    advmss: IntegerUnlessZero,
    priority: IntegerUnlessZero,
    table: Integer,
    scope: Integer,
  },
)

/** Name resolution that the container should use. */
export interface ResultDns extends JsonObject {
  readonly nameservers?: readonly string[]
  readonly domain?: string
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

export const ResultDns = shape<ResultDns>(
  'ResultDns',
  {},
  {
    nameservers: t.array(t.string),
    domain: TextUnlessEmpty,
    search: t.array(t.string),
    options: t.array(t.string),
  },
)

/** The result of an ADD in 0.3.0 and later. Unknown keys are kept. */
export interface Result extends JsonObject {
  readonly cniVersion: string
  readonly interfaces?: readonly ResultInterface[]
  readonly ips?: readonly ResultAddress[]
  readonly routes?: readonly ResultRoute[]
  readonly dns?: ResultDns
  /** Never: so that a LegacyResult is not taken for a Result. */
  readonly ip4?: never
  readonly ip6?: never
}

const resultOf = (versions: readonly string[], address: t.Type<ResultAddress, ResultAddress>) =>
  shape<Result>(
    'Result',
    { cniVersion: versionText(versions) },
    {
      interfaces: t.array(ResultInterface),
      ips: t.array(address),
      routes: t.array(ResultRoute),
      dns: ResultDns,
    },
  )

const labelledVersions = ['0.3.0', '0.3.1', '0.4.0']
const LabelledResult = resultOf(labelledVersions, ResultAddress)
const UnlabelledResult = resultOf(['1.0.0', '1.1.0'], UnlabelledAddress)

// By the version that the value states: a union would tell what is wrong with it once for each.
const familyOf = (value: unknown) =>
  isObject(value) && labelledVersions.includes(value.cniVersion as string)
    ? LabelledResult
    : UnlabelledResult

export const Result: t.Type<Result> = new t.Type(
  'Result',
  (value): value is Result => familyOf(value).is(value),
  (value, context) => familyOf(value).validate(value, context),
  t.identity,
)

/** The address of one family in a LegacyResult, with its routes. */
export interface LegacyAddress extends JsonObject {
  /** In CIDR form, host bits kept, canonical. */
  readonly ip: string
  readonly gateway?: string
  readonly routes?: readonly ResultRoute[]
}

export const LegacyAddress = shape<LegacyAddress>(
  'LegacyAddress',
  { ip: CidrText },
  { gateway: GatewayText, routes: t.array(ResultRoute) },
)

/** The result of an ADD in 0.1.0 and 0.2.0: one address a family, no interfaces. */
export interface LegacyResult extends JsonObject {
  readonly cniVersion: '0.1.0' | '0.2.0'
  readonly ip4?: LegacyAddress
  readonly ip6?: LegacyAddress
  readonly dns?: ResultDns
}

export const LegacyResult = shape<LegacyResult>(
  'LegacyResult',
  { cniVersion: versionText(['0.1.0', '0.2.0']) },
  { ip4: LegacyAddress, ip6: LegacyAddress, dns: ResultDns },
)

/** A result of any released version. */
export type AnyResult = Result | LegacyResult

/** Whether a result has the shape of 0.1.0 and 0.2.0. */
export const isLegacyResult = (result: AnyResult): result is LegacyResult =>
  isLegacyVersion(result.cniVersion)

/** Whether results of this version have the shape of LegacyResult. */
export const isLegacyVersion = (version: string): version is LegacyResult['cniVersion'] =>
  version === '0.1.0' || version === '0.2.0'

/**
 * The result that a plugin printed. `fallbackVersion`, the version of its stdin ("" is 0.1.0), stands in for a missing,
 * empty or non-text `cniVersion`; null is an empty result (reference/cni.md 2.5). Addresses become canonical; an empty
 * gateway, and what Go's types leave out when they print (3.1), is left out. Left: code 1 for an unknown version, else code 6
 * with the places of the first three faults in `details`.
 */
export const decodeResult = (
  value: unknown,
  fallbackVersion: string,
): E.Either<CniError, AnyResult> => {
  const printed = value === null ? {} : value
  if (!isObject(printed)) {
    return E.left(invalid(`invalid result: expected an object, got ${quote(value)}`))
  }
  const stated = printed.cniVersion
  const cniVersion =
    typeof stated === 'string' && stated !== '' ? stated : versionOrDefault(fallbackVersion)
  if (!isKnownVersion(cniVersion)) {
    const message = `unsupported CNI result version ${quote(cniVersion)}`
    return E.left(cniError(cniErrorCodes.incompatibleVersion, message))
  }
  const versioned = stated === cniVersion ? printed : { ...printed, cniVersion }
  const decoded: t.Validation<AnyResult> = isLegacyVersion(cniVersion)
    ? LegacyResult.decode(versioned)
    : Result.decode(versioned)
  if (E.isRight(decoded)) return decoded
  const problems = reportFailures(decoded, 'bad-json', 'result').slice(0, 3)
  const said = problems.map(({ message }) =>
    message.startsWith('invalid ') ? message : `invalid result: ${message}`,
  )
  return E.left(invalid(said.join(', '), problems.map(({ path }) => path).join(', ')))
}

const invalid = (message: string, details?: string): CniError =>
  cniError(cniErrorCodes.decodingFailure, message, details)
