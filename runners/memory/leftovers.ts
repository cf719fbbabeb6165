/**
 * Decides what on a node is left of attachments: everything that neither a namespace nor the node has by itself. Bridges
 * with their gateways and physical devices belong to the node; what was last reserved is no reservation.
 */
import { zeroMac } from './hardware.js'
import { type Link, type Namespace, noVlan, type Owner, type World } from './world.js'

/** One thing that somebody forgot. */
export interface Leftover {
  readonly kind: 'link' | 'address' | 'virtual-function' | 'file' | 'reservation' | 'chain'
  /** What it is and where, in words. */
  readonly what: string
  /** The attachment that it was made for, where that is known. */
  readonly owner?: Partial<Owner>
}

/** Everything that is left over; nothing when all was undone. */
export const leftoversOf = (world: World): readonly Leftover[] => [
  ...[world.host, ...world.namespaces.values()].flatMap((namespace) => [
    ...leftLinks(namespace),
    ...leftAddresses(namespace),
  ]),
  ...leftFunctions(world),
  ...leftFiles(world),
  ...leftReservations(world),
  ...leftRules(world),
]

const belongsToNode = ({ kind }: Link): boolean =>
  kind === 'loopback' || kind === 'physical' || kind === 'bridge'

const placeOf = ({ path }: Namespace): string => (path === '' ? 'the host' : path)

const leftLinks = (namespace: Namespace): readonly Leftover[] =>
  [...namespace.links.values()]
    .filter((link) => link.owner !== undefined || !belongsToNode(link))
    .map((link) => ({
      kind: 'link' as const,
      what: `${link.kind} ${link.name} in ${placeOf(namespace)}`,
      ...(link.owner !== undefined && { owner: link.owner }),
    }))

// The addresses of a link that is left over go with it; those of a bridge are gateways.
const leftAddresses = (namespace: Namespace): readonly Leftover[] =>
  [...namespace.links.values()]
    .filter((link) => belongsToNode(link) && link.kind !== 'bridge')
    .flatMap(({ name, addresses }) => {
      const added = addresses.filter((address) => !ownAddresses.includes(address))
      return added.map((address) => ({
        kind: 'address' as const,
        what: `${address} on ${name} in ${placeOf(namespace)}`,
      }))
    })

const ownAddresses: readonly string[] = ['127.0.0.1/8', '::1/128']

const leftFunctions = ({ functions }: World): readonly Leftover[] =>
  [...functions].flatMap(([parent, list]) =>
    list
      .filter(({ owner, vlan, mac }) => owner !== undefined || vlan !== noVlan || mac !== zeroMac)
      .map(({ index, vlan, owner }) => ({
        kind: 'virtual-function' as const,
        what: `VF ${index} of ${parent}${vlan === noVlan ? '' : ` with VLAN ${vlan}`}`,
        ...(owner !== undefined && { owner }),
      })),
  )

const leftFiles = ({ files }: World): readonly Leftover[] =>
  [...files].flatMap(([path, { owner }]) =>
    owner === undefined ? [] : [{ kind: 'file' as const, what: path, owner }],
  )

const leftReservations = ({ pools }: World): readonly Leftover[] =>
  [...pools].flatMap(([name, { reservations }]) =>
    Object.entries(reservations).map(([address, owner]) => ({
      kind: 'reservation' as const,
      what: `${address} in ${name}`,
      owner,
    })),
  )

const leftRules = ({ chains }: World): readonly Leftover[] =>
  [...chains].flatMap(([name, { rules }]) =>
    rules.map(({ text, owner }) => ({ kind: 'chain' as const, what: `${name}: ${text}`, owner })),
  )
