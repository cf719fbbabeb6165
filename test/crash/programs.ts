/** Decides which programs `make crash` kills and how each is asked to ADD and to DEL. */
import { type CrashNode, networkNames, places } from './node.js'

/** What an operation is. */
export type Verb = 'add' | 'del'

/** How a program is called. */
export interface Call {
  /** The program's file and its arguments. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
}

/** The files of the programs that are killed. */
export interface ProgramFiles {
  readonly multus: string
  readonly metacni: string
}

/** How a program is called on a node. */
export type Program = (files: ProgramFiles, node: CrashNode, verb: Verb) => Call

const portMappings = [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }]

const configuration = {
  cniVersion: '1.0.0',
  name: 'node',
  type: 'multus',
  confDir: places.networks,
  cniDir: places.records,
  binDir: places.plugins,
  defaultDelegates: networkNames.join(','),
  runtimeConfig: { portMappings },
}

const multus: Program = (files, { netns }, verb) => ({
  command: [files.multus],
  env: {
    CNI_COMMAND: verb.toUpperCase(),
    CNI_CONTAINERID: 'c1',
    CNI_NETNS: netns,
    CNI_IFNAME: 'eth0',
    CNI_PATH: places.plugins,
  },
  stdin: JSON.stringify(configuration),
})

/** The command line with records: another way to start plugins than multus has. */
const metacni: Program = (files, { netns }, verb) => {
  const container = ['--container-id', 'c1', '--state-dir', places.records]
  const plan = [
    ...['--conf-dir', places.networks, '--default-delegates', networkNames.join(',')],
    ...['--capability-args', JSON.stringify({ portMappings })],
  ]
  const own = verb === 'add' ? ['--netns', netns, '--bin-dir', places.plugins, ...plan] : []
  return { command: [files.metacni, verb, ...container, ...own], env: {}, stdin: '' }
}

/** cnitool's place: no records, the result cache for a memory. */
const net: Program = (files, { netns }, verb) => ({
  command: [files.metacni, 'net', verb, networkNames[0] ?? '', netns],
  env: {
    NETCONFPATH: places.networks,
    CNI_PATH: places.plugins,
    METACNI_CACHE_DIR: places.cache,
    CAP_ARGS: JSON.stringify({ portMappings }),
  },
  stdin: '',
})

/** The programs by name. */
export const programs = { multus, metacni, net } as const
/** The name of one of them. */
export type ProgramName = keyof typeof programs
