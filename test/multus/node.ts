/** Decides what a node is to these tests: a temporary directory with plugins, networks, records and a log. */
import { execFileSync, type SpawnOptions } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonObject } from '../../lib/cni/json.js'
import type { It } from '../suite.js'
import { baseEnv, type Ended, program, type Started, startProgram } from './program.js'

const recorder = fileURLToPath(new URL('../fixtures/plugins/record-call', import.meta.url))

/** One call of a plugin, as `record-call` saw it. */
export interface Call {
  readonly type: string
  readonly verb: string
  readonly containerId: string
  readonly netns: string
  readonly ifname: string
  readonly args: string
  readonly path: string
  readonly stdin: JsonObject
}

/** What is different about a request. */
export interface RequestChanges {
  readonly containerId?: string
  readonly ifname?: string
  readonly netns?: string
  readonly args?: string
  readonly path?: string
  /** More of the environment; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Laid over the node's configuration; undefined takes a key out. */
  readonly config?: Readonly<Record<string, unknown>>
  /** The whole of stdin instead. */
  readonly stdin?: string
  /** Leaves stdin open: the test ends it. */
  readonly keepOpen?: boolean
  readonly stdio?: SpawnOptions['stdio']
  /** Words before the program: `nsenter ...`. */
  readonly prefix?: readonly string[]
}

/** A node. Everything of it lies below `directory`. */
export interface Node {
  readonly directory: string
  readonly bin: string
  readonly records: string
  readonly state: string
  /** The configuration on stdin, unless a request changes it. */
  readonly config: JsonObject
  /** Installs plugins that record their calls. */
  install(...types: readonly string[]): void
  /** What a plugin does after it has recorded a call: a shell script, which may `exit`. */
  script(call: `${string}.${string}`, text: string): void
  /** Defines a network: a list of these plugins, in `confDir`. */
  network(name: string, plugins: readonly (string | JsonObject)[], keys?: JsonObject): void
  /** Writes a file into `confDir`. */
  file(name: string, text: string): void
  start(verb: string, changes?: RequestChanges): Started
  run(verb: string, changes?: RequestChanges): Promise<Ended>
  /** Runs a request and wants it to succeed. What it printed, parsed; undefined when nothing. */
  succeed(verb: string, changes?: RequestChanges): Promise<JsonObject | undefined>
  /** Runs a request and wants it to fail. The error object. */
  fail(verb: string, changes?: RequestChanges): Promise<CniFailure>
  calls(): readonly Call[]
  /** `ADD bridge eth0` for each call. */
  words(): readonly string[]
  /** The files below the state directory, as paths; all of the folder of cached results but itself. */
  stateFiles(): readonly string[]
  /** Makes a pipe; `told` resolves when somebody wrote to it and closed it. */
  pipe(name: string): { readonly path: string; told(): Promise<Ended>; tell(): Promise<Ended> }
}

/** What a plugin prints when it fails. */
export interface CniFailure {
  readonly cniVersion: string
  readonly code: number
  readonly msg: string
  readonly details?: string
  readonly stderr: string
}

/** A test on a node of its own, which is gone afterwards. */
export const onNode = (
  it: It,
  title: string,
  body: (node: Node) => unknown,
  limitMilliseconds?: number,
): void => {
  const run = async (): Promise<void> => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'metacni-node-')))
    try {
      await body(createNode(directory))
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  it(title, run, limitMilliseconds)
}

const createNode = (directory: string): Node => {
  const [bin, conf, records, state] = ['bin', 'conf', 'records', 'state'].map((name) => {
    const folder = join(directory, name)
    if (name !== 'state') mkdirSync(folder)
    return folder
  }) as [string, string, string, string]
  copyFileSync(program(), join(bin, 'multus'))
  const config = {
    cniVersion: '1.0.0',
    name: 'node',
    type: 'multus',
    confDir: conf,
    cniDir: state,
    binDir: bin,
  }

  const start: Node['start'] = (verb, changes = {}) => {
    const whole = Object.entries({ ...config, ...changes.config })
    const stdin = JSON.stringify(Object.fromEntries(whole))
    const variables = {
      ...baseEnv,
      RECORDS: records,
      CNI_COMMAND: verb,
      CNI_CONTAINERID: changes.containerId ?? 'c1',
      CNI_NETNS: changes.netns ?? '/run/netns/metacni-test',
      CNI_IFNAME: changes.ifname ?? 'eth0',
      CNI_ARGS: changes.args ?? '',
      CNI_PATH: changes.path ?? bin,
      ...changes.env,
    }
    const env = Object.fromEntries(
      Object.entries(variables).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    )
    const command = [...(changes.prefix ?? []), join(bin, 'multus')]
    const { keepOpen = false, stdio = 'pipe' } = changes
    const input = keepOpen ? undefined : (changes.stdin ?? stdin)
    return startProgram(command, input, { env, cwd: directory, stdio })
  }
  const run: Node['run'] = (verb, changes) => start(verb, changes).ended
  const calls = (): readonly Call[] => {
    const file = join(records, 'calls')
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line))
  }
  return {
    directory,
    bin,
    records,
    state,
    config,
    install: (...types) => {
      for (const type of types) copyFileSync(recorder, join(bin, type))
    },
    script: (call, text) => writeFileSync(join(records, call), `${text}\n`),
    network: (name, plugins, keys = {}) => {
      const list = plugins.map((plugin) => (typeof plugin === 'string' ? { type: plugin } : plugin))
      const text = JSON.stringify({ cniVersion: '1.0.0', name, ...keys, plugins: list })
      writeFileSync(join(conf, `${name}.conflist`), text)
    },
    file: (name, text) => writeFileSync(join(conf, name), text),
    start,
    run,
    succeed: async (verb, changes) => {
      const { code, signal, stdout, stderr } = await run(verb, changes)
      if (code !== 0) throw new Error(`${verb}: ${code ?? signal}: ${stdout}${stderr}`)
      return stdout === '' ? undefined : JSON.parse(stdout)
    },
    fail: async (verb, changes) => failureOf(await run(verb, changes)),
    calls,
    words: () => calls().map(({ type, verb, ifname }) => `${verb} ${type} ${ifname}`),
    // The folder itself stays, as `.metacni/` does; it is there once something was complete.
    stateFiles: () => filesBelow(state).filter((path) => path !== 'results/'),
    pipe: (name) => {
      const path = join(directory, name)
      execFileSync('mkfifo', [path])
      const through = (script: string): Promise<Ended> =>
        startProgram(['/bin/sh', '-c', script, 'sh', path], '', { env: baseEnv }).ended
      return { path, told: () => through('cat "$1"'), tell: () => through('echo > "$1"') }
    },
  }
}

/** The error object of a process that failed as a plugin does: exit code 1 and one document on stdout. */
export const failureOf = ({ code, signal, stdout, stderr }: Ended): CniFailure => {
  if (code !== 1) throw new Error(`expected exit code 1, got ${code ?? signal}: ${stdout}${stderr}`)
  const { cniVersion, code: cniCode, msg, details, ...others } = JSON.parse(stdout)
  const isWhole =
    typeof cniVersion === 'string' &&
    Number.isInteger(cniCode) &&
    typeof msg === 'string' &&
    msg !== '' &&
    Object.keys(others).length === 0
  if (!isWhole) throw new Error(`not an error object: ${stdout}`)
  return { cniVersion, code: cniCode, msg, stderr, ...(details === undefined ? {} : { details }) }
}

/** The files below a folder, sorted, as paths from there; folders end in a slash. */
export const filesBelow = (folder: string): readonly string[] => {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .map(String)
    .map((name) => (statSync(join(folder, name)).isDirectory() ? `${name}/` : name))
    .sort()
}

/** Makes a file that a shell can start. */
export const writeProgram = (path: string, text: string): void => {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}
