/**
 * Decides how physical devices and their virtual functions come: on first use, with addresses that follow from seed and
 * name. Refuses nothing.
 */
import { macFrom, numberOf, zeroMac } from './hardware.js'
import { type Link, noVlan, plainLink, type VirtualFunction, type World } from './world.js'

/** A physical device of the host, created on first use. */
export const physicalDevice = (world: World, name: string): Link => {
  const existing = world.host.links.get(name)
  if (existing !== undefined) return existing
  const link: Link = {
    ...plainLink,
    name,
    kind: 'physical',
    index: world.serial++ + 2,
    mac: macFrom(world.seed, numberOf(name)),
    up: true,
    description: `physical device ${name}`,
  }
  world.host.links.set(name, link)
  return link
}

/** The virtual functions of a physical device, which is created on first use. */
export const functionsOf = (world: World, name: string): readonly VirtualFunction[] => {
  const existing = world.functions.get(name)
  if (existing !== undefined) return existing
  return addPhysicalFunction(world, name, world.defaultFunctions)
}

/** A physical device with so many virtual functions, all of them free. */
export const addPhysicalFunction = (
  world: World,
  name: string,
  count: number,
): readonly VirtualFunction[] => {
  physicalDevice(world, name)
  const functions = Array.from({ length: count }, (_, index) => freeFunction(world, name, index))
  world.functions.set(name, functions)
  return functions
}

/** A virtual function that nobody uses. */
const freeFunction = (world: World, name: string, index: number): VirtualFunction => ({
  index,
  hardwareAddress: macFrom(world.seed, numberOf(`${name} vf ${index}`)),
  mac: zeroMac,
  vlan: noVlan,
  spoofChecking: false,
  linkState: 'auto',
})

/** Puts a changed virtual function in its place. */
export const replaceFunction = (world: World, parent: string, changed: VirtualFunction): void => {
  const functions = functionsOf(world, parent)
  world.functions.set(
    parent,
    functions.map((one) => (one.index === changed.index ? changed : one)),
  )
}

/** Gives a virtual function back: no VLAN, no hardware address, no owner. */
export const releaseFunction = (world: World, parent: string, index: number): void =>
  replaceFunction(world, parent, freeFunction(world, parent, index))
