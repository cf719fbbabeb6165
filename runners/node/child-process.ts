/**
 * Decides when node:child_process is loaded: when the first process is started. It brings streams and sockets along,
 * 2 ms that a VERSION and a refused ADD need not pay.
 */

/** node:child_process. */
export const childProcess = (): typeof import('node:child_process') =>
  process.getBuiltinModule('node:child_process')
