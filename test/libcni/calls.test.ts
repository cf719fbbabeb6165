import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { isObject } from '../../lib/cni/json.js'
import { type Ended, type Folder, metacni, network, stubs, withFolder } from '../metacni/command.js'
import { describe } from '../suite.js'
import { buildOracle } from './oracle.js'

const oracle = buildOracle()
const netns = '/run/netns/blue'

const stub = (more: object = {}) => ({ type: 'stub', ...more })
const capabilities = { portMappings: true, ips: false, mac: true }
const files = {
  'net.d/list.conflist': network({
    name: 'list',
    'x.example/unknown': { deep: [null, 1e21, '<&>'] },
    plugins: [
      stub({ capabilities, ipam: { type: 'host-local' }, unknown: { a: [1, { b: null }] } }),
      stub({ name: 'of its own', cniVersion: '0.2.0', big: 2 ** 60 }),
      stub({ capabilities: { bandwidth: true }, dns: {}, text: '\u2028 < > & é \u{1f600}' }),
    ],
  }),
  'net.d/single.conf': network({ name: 'single', ...stub({ capabilities, mtu: 1400 }) }),
  'net.d/unchecked.conflist': network({ name: 'unchecked', disableCheck: true, plugins: [stub()] }),
}
const worlds = [
  {},
  { CNI_IFNAME: 'net7', CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=web' },
  { CAP_ARGS: '{"portMappings":[{"hostPort":80}],"mac":"x","ips":["1"],"other":{}}' },
  { CAP_ARGS: '{"mac":null,"bandwidth":{}}', CNI_ARGS: 'A=1;A=2' },
]

/** What a plugin was asked: the variables, and stdin without `capabilities`, which we take out. */
interface Asked {
  readonly variables: string
  readonly stdin: unknown
}

const askedIn = ({ at }: Folder): readonly Asked[] => {
  const lines = readFileSync(at('calls'), 'utf8').split('\n').slice(0, -1)
  writeFileSync(at('calls'), '')
  return lines.map((line) => {
    const start = line.indexOf('{')
    const stdin: unknown = JSON.parse(line.slice(start))
    const { capabilities: _, ...rest } = isObject(stdin) ? stdin : {}
    return { variables: line.slice(0, start), stdin: settled(rest) }
  })
}

// Go prints an empty `dns` in every result.
const settled = (stdin: Readonly<Record<string, unknown>>): unknown => {
  const { prevResult } = stdin
  if (!isObject(prevResult)) return stdin
  const { dns: _, ...rest } = prevResult
  return { ...stdin, prevResult: rest }
}

type Env = Readonly<Record<string, string>>
type Program = (words: readonly string[], env: Env) => Promise<Ended>

const libcni =
  (program: string): Program =>
  async (words, env) => {
    const { status, stdout, stderr } = spawnSync(program, ['tool', ...words], {
      env: { PATH: process.env.PATH ?? '', ...env },
      encoding: 'utf8',
    })
    return { exitCode: status ?? -1, stdout, stderr }
  }
const ours: Program = (words, env) => metacni(['net', ...words], { env })

/** What the plugins of a network were asked by a program, in each world, for ADD, CHECK and DEL. */
const play = (program: Program, name: string): Promise<readonly (readonly Asked[])[]> =>
  withFolder(files, async (folder) => {
    const all: (readonly Asked[])[] = []
    for (const world of worlds) {
      const env: Env = {
        CALLS: folder.at('calls'),
        CNI_PATH: stubs,
        NETCONFPATH: folder.at('net.d'),
        CACHE_DIR: folder.at('cache'),
        METACNI_CACHE_DIR: folder.at('cache'),
        ...world,
      }
      writeFileSync(folder.at('calls'), '')
      for (const verb of ['add', 'check', 'del']) {
        const { exitCode, stderr } = await program([verb, name, netns], env)
        assert.is(exitCode, 0, `${verb} ${name}: ${stderr}`)
      }
      all.push(askedIn(folder))
    }
    return all
  })

describe('what the plugins of a network are asked (reference/cni.md 2.4, 2.5, 2.7 to 2.9)', (it) => {
  for (const name of ['list', 'single', 'unchecked']) {
    const title = `is what libcni asks them: ${name}`
    if (!oracle.ok) it.skip(title, oracle.reason)
    else {
      const { program } = oracle
      it(title, async () => {
        const right = await play(libcni(program), name)
        assert.ok(right.flat().length > 0)
        assert.equal(await play(ours, name), right)
      })
    }
  }
})
