/** Decides how an ordinary call of a fixture plugin looks. */
import { fileURLToPath } from 'node:url'
import type { Invocation, Verb } from '../../lib/cni/invocation.js'

/** Where the fixture plugins are. */
export const plugins = fileURLToPath(new URL('../fixtures/plugins', import.meta.url))

/** A signal that never fires. */
export const never = new AbortController().signal

/** The environment in which the fixtures find their tools. */
export const base = { PATH: process.env.PATH ?? '/usr/bin:/bin' }

/** A call of a plugin for container `c1`. */
export const invocationOf = (
  type: string,
  changes: { verb?: Verb; stdin?: Invocation['stdin']; path?: readonly string[] } = {},
): Invocation => {
  const {
    verb = 'ADD',
    stdin = { cniVersion: '1.0.0', name: 'n', type },
    path = [plugins],
  } = changes
  const env = {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: '/run/netns/c1',
    CNI_IFNAME: 'eth0',
    CNI_ARGS: '',
    CNI_PATH: path.join(':'),
  }
  return { type, verb, stdin, env, path }
}
