/** Compares what a plugin made with `definePlugin` and one made with skel refuse, and with which code. */
import { ifnameFault, isContainerId } from '../../lib/cni/identifier.js'
import { definePlugin } from '../../lib/plugin.js'
import { anyText } from '../fuzz/inputs.js'
import * as samples from '../fuzz/samples.js'
import type { Random } from '../simulation/random.js'
import { jsonQuestion } from './json-question.js'
import type { Subject } from './subject.js'

interface Asked {
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
}

/** What Debian's skel knows: GC and STATUS came later. */
const verbs = ['ADD', 'DEL', 'CHECK', 'VERSION', '', 'UPDATE', 'add']

const environmentOf = (random: Random): Asked['env'] => {
  // NUL and half a character cannot stand in an environment.
  const text = (): string => anyText(random).replace(/[\0\p{Surrogate}]/gu, '')
  const variable = (usual: string): string => (random.oneIn(8) ? text() : usual)
  const env = {
    CNI_COMMAND: random.oneIn(12) ? random.pick(verbs) : random.pick(['ADD', 'DEL', 'CHECK']),
    CNI_CONTAINERID: variable('c1'),
    CNI_NETNS: variable('/run/netns/none'),
    CNI_IFNAME: variable('eth0'),
    CNI_ARGS: variable('K8S_POD_NAME=a'),
    CNI_PATH: variable('/opt/cni/bin'),
  }
  return Object.fromEntries(Object.entries(env).filter(() => !random.oneIn(24)))
}

const plugin = definePlugin({
  about: 'a plugin that does nothing',
  versions: ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0'],
  add: async () => ({ ok: true, value: { cniVersion: '1.0.0' } }),
  del: async () => ({ ok: true, value: undefined }),
  check: async () => ({ ok: true, value: undefined }),
})

export const request: Subject = {
  kind: 'request',
  samples: samples.requests.map((text) => text.replaceAll('1.1.0', '1.0.0')),
  isJson: true,
  pieces: ['name', 'type', 'cniVersion', '0.4.0', '1.0.0', '0.1.0', '0.3.1', ''],
  question: (input, random) => {
    const stdin = jsonQuestion(input, ['name', 'type', 'cniVersion'])
    return stdin === undefined
      ? undefined
      : JSON.stringify({ env: environmentOf(random), stdin } satisfies Asked)
  },
  answer: async (question) => {
    const { env, stdin } = JSON.parse(question) as Asked
    const { stdout, exitCode } = await plugin.respond({
      env,
      readStdin: async () => ({ ok: true, value: stdin }),
      isOwnNamespace: () => false,
      signal: new AbortController().signal,
    })
    return exitCode === 0 ? { answered: true } : { code: JSON.parse(stdout).code }
  },
  excuse: (question, ours, theirs) => {
    const { env } = JSON.parse(question) as Asked
    const { CNI_CONTAINERID: id = '', CNI_IFNAME: ifname = '', CNI_PATH: path = '' } = env
    const isWrong = !isContainerId(id) || (ifname !== '' && ifnameFault(ifname) !== undefined)
    if (ours.code === 4 && isWrong) return 'names are checked with the environment: since skel 1.2'
    return theirs.code === 4 && path === '' ? 'X-07, without CNI_PATH' : undefined
  },
}
