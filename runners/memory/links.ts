/**
 * Decides how links come, change and go: pairs share their fate, virtual functions return to the host, routes go with
 * their link. Refuses nothing: plugins look first whether a name is taken.
 */
import { linkLocalOf } from './hardware.js'
import {
  findNamespace,
  type Link,
  type Namespace,
  plainLink,
  type Route,
  type World,
} from './world.js'

/** What a plugin says about a new link; the rest is a fresh link's. */
export type NewLink = Pick<Link, 'name' | 'kind' | 'description'> & Partial<Link>

/** Adds a link to a namespace, or replaces the one of that name. */
export const addLink = (world: World, namespace: Namespace, link: NewLink): Link => {
  const created: Link = { ...plainLink, index: world.serial++ + 2, ...link }
  namespace.links.set(created.name, created)
  return created
}

/** Changes a link in place. A link that is not there stays away. */
export const changeLink = (namespace: Namespace, name: string, changes: Partial<Link>): void => {
  const link = namespace.links.get(name)
  if (link !== undefined) namespace.links.set(name, { ...link, ...changes })
}

/**
 * Removes a link with its routes: the other end of a pair goes too, and a virtual function is the host's again, its
 * VLAN untouched. Removing what is not there changes nothing.
 */
export const removeLink = (world: World, namespace: Namespace, name: string): void => {
  const link = namespace.links.get(name)
  if (link === undefined) return
  namespace.links.delete(name)
  namespace.routes = namespace.routes.filter(({ dev }) => dev !== name)
  if (link.peer === undefined) return
  const other = findNamespace(world, link.peer.netns)
  if (other !== undefined) removeLink(world, other, link.peer.name)
}

/** Sets a link up, as the kernel does: loopback gets its addresses, the others a link-local one. */
export const setUp = (namespace: Namespace, name: string): void => {
  const link = namespace.links.get(name)
  if (link === undefined || link.up) return
  const own = link.kind === 'loopback' ? ['127.0.0.1/8', '::1/128'] : [linkLocalOf(link.mac)]
  changeLink(namespace, name, { up: true, addresses: [...link.addresses, ...own] })
}

/** Sets a link down; its addresses go. */
export const setDown = (namespace: Namespace, name: string): void =>
  changeLink(namespace, name, { up: false, addresses: [] })

/** Adds routes through a link; one that is there already is not added again. */
export const addRoutes = (namespace: Namespace, routes: readonly Route[]): void => {
  const isNew = (route: Route): boolean =>
    !namespace.routes.some(
      ({ dst, gw, dev }) => dst === route.dst && gw === route.gw && dev === route.dev,
    )
  namespace.routes = [...namespace.routes, ...routes.filter(isNew)]
}

/** Removes a namespace with its links, as the kernel does when the last process has left. */
export const removeNamespace = (world: World, path: string): void => {
  const namespace = world.namespaces.get(path)
  if (namespace === undefined) return
  for (const name of [...namespace.links.keys()]) removeLink(world, namespace, name)
  world.namespaces.delete(path)
  world.removed.add(path)
}
