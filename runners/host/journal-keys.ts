/**
 * Decides which file and folder names stand for container ids and interface names. Refuses to use a stranger's text as
 * a name unless it is plainly safe: the rest is hashed or spelled in hexadecimal, under a prefix no id can have.
 */

/** A name as the CNI specification allows it: nothing in it can leave a directory. */
const safe = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/
const longestKey = 128

/** How the folder names of hashed ids begin; a valid id never begins with an underscore. */
export const hashedPrefix = '_sha256-'

/**
 * The folder name of a container: its id, or `_sha256-` and the hash of its UTF-8 bytes when it is longer than 128
 * characters or not a valid id. A valid id never begins with an underscore.
 */
export const containerKey = async (containerId: string): Promise<string> => {
  if (containerId.length <= longestKey && safe.test(containerId)) return containerId
  const { createHash } = await import('node:crypto')
  return `${hashedPrefix}${createHash('sha256').update(containerId).digest('hex')}`
}

const suffix = '.json'
const hexPrefix = '_hex-'

/**
 * The file name of an interface's record, from which the name can be read again; undefined when it is longer than 100
 * bytes or not valid Unicode, which no interface name is.
 */
export const recordName = (ifname: string): string | undefined => {
  const bytes = Buffer.from(ifname)
  if (bytes.length > 100 || bytes.toString() !== ifname) return undefined
  return `${safe.test(ifname) ? ifname : hexPrefix + bytes.toString('hex')}${suffix}`
}

/** The interface name that a file name stands for; undefined when the file is no record. */
export const ifnameOf = (name: string): string | undefined => {
  if (!name.endsWith(suffix)) return undefined
  const key = name.slice(0, -suffix.length)
  const ifname = key.startsWith(hexPrefix)
    ? Buffer.from(key.slice(hexPrefix.length), 'hex').toString()
    : key
  return recordName(ifname) === name ? ifname : undefined
}
