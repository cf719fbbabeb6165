/** Decides where a sysctl lies. Refuses a path that leads out of net: an interface name is somebody's text. */

/** The file of a sysctl; one that cannot be for a path outside of net. */
export const sysctlFile = (path: string): string => {
  const segments = path.split('/')
  const isInside = segments[0] === 'net' && !segments.some((one) => one === '..' || one === '')
  return isInside ? `/proc/sys/${path}` : '/proc/sys/net/none'
}
