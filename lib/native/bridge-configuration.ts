/**
 * Decides what the configuration of bridge says (reference/plugins-and-ip.md 7.2). Refuses hairpin with promiscuous mode
 * and VLANs that are none, in the words of the binary.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CniError } from '../cni/error.js'
import { Integer } from '../cni/integer.js'
import { shape } from '../cni/shape.js'
import { decodeConfiguration, ipamTypeOf, likeBinary, refuse } from './configuration.js'
import { requestedMac } from './requested-mac.js'
import type { NativeCall } from './script.js'

/** The keys of 1.1.1 and their codecs. */
export const bridgeFields = {
  bridge: t.string,
  isGateway: t.boolean,
  isDefaultGateway: t.boolean,
  forceAddress: t.boolean,
  ipMasq: t.boolean,
  mtu: Integer,
  hairpinMode: t.boolean,
  promiscMode: t.boolean,
  enabledad: t.boolean,
  vlan: Integer,
  macspoofchk: t.boolean,
}
/** The keys of later releases. */
export const laterBridgeFields = { portIsolation: t.boolean, disableContainerInterface: t.boolean }
/** The keys of bridge that are understood. */
export const BridgeCodec = shape<Readonly<Record<string, unknown>>>(
  'bridge',
  {},
  { ...bridgeFields, ...laterBridgeFields },
)

/** What the configuration of bridge says. */
export interface BridgeConfiguration {
  readonly name: string
  readonly isGateway: boolean
  readonly isDefaultGateway: boolean
  readonly forceAddress: boolean
  readonly ipMasq: boolean
  readonly mtu: number
  readonly hairpin: boolean
  readonly promisc: boolean
  readonly enableDad: boolean
  /** Releases after 1.1.1: ports do not see each other. */
  readonly isolated: boolean
  /** Releases after 1.1.1: the container's interface stays down. */
  readonly staysDown: boolean
  readonly mac: string | undefined
  readonly hasAddresses: boolean
}

/** The configuration of a call. Left: code 999 and what the binary says. */
export const decodeBridge = (call: NativeCall): E.Either<CniError, BridgeConfiguration> => {
  const decoded = decodeConfiguration(BridgeCodec, call)
  if (E.isLeft(decoded)) return decoded
  const mac = likeBinary(requestedMac(call, ['CNI_ARGS', 'args', 'runtimeConfig']))
  if (E.isLeft(mac)) return mac
  const { bridge, mtu, vlan, ...rest } = decoded.right
  const [promisc, hairpin] = [rest.promiscMode === true, rest.hairpinMode === true]
  const hasAddresses = ipamTypeOf(call.config) !== ''
  const staysDown = call.later && rest.disableContainerInterface === true
  if (typeof vlan === 'number' && (vlan < 0 || vlan > 4094)) {
    return refuse(`invalid VLAN ID ${vlan} (must be between 0 and 4094)`)
  }
  if (promisc && hairpin) {
    return refuse('cannot set hairpin mode and promiscuous mode at the same time.')
  }
  if (staysDown && hasAddresses) {
    return refuse('cannot use IPAM when DisableContainerInterface flag is set')
  }
  return E.right({
    name: typeof bridge === 'string' && bridge !== '' ? bridge : 'cni0',
    isGateway: rest.isGateway === true || rest.isDefaultGateway === true,
    isDefaultGateway: rest.isDefaultGateway === true,
    forceAddress: rest.forceAddress === true,
    ipMasq: rest.ipMasq === true,
    mtu: typeof mtu === 'number' ? mtu : 0,
    hairpin,
    promisc,
    enableDad: rest.enabledad === true,
    isolated: call.later && rest.portIsolation === true,
    staysDown,
    mac: mac.right,
    hasAddresses,
  })
}
