/** Decides where programs are looked for when the environment has no PATH. */

/** Where a system has its own programs. */
export const defaultPath = '/usr/sbin:/usr/bin:/sbin:/bin'
