/** Decides which wrong engines the harness must see through: the binaries with one mistake each, and where it shows. */
import { execFileSync } from 'node:child_process'
import type { Answer, Invocation } from '../../lib/cni/invocation.js'
import type { JsonObject } from '../../lib/cni/json.js'
import type { Runner } from '../../lib/ports/index.js'
import { type FailingEngine, words } from './clean-failure.js'

/** An engine with a mistake. */
export interface Double {
  /** The row that shows it. */
  readonly row: string
  /** What the first difference must say. */
  readonly shows: RegExp
  wrap(engine: Runner): Runner
}

const withStdin =
  (verbs: readonly string[], change: (stdin: JsonObject) => JsonObject) =>
  (engine: Runner): Runner => ({
    run: (call, signal) =>
      engine.run(verbs.includes(call.verb) ? { ...call, stdin: change(call.stdin) } : call, signal),
  })

/** What is run on the node after a successful ADD, in the container unless `isHost`. */
const afterAdd =
  (command: readonly string[], isHost = false) =>
  (engine: Runner): Runner => ({
    run: async (call, signal) => {
      const answer = await engine.run(call, signal)
      if (answer.kind === 'success' && call.verb === 'ADD') {
        const enter = isHost ? [] : ['nsenter', `--net=${call.env.CNI_NETNS}`]
        const [file = '', ...args] = [...enter, ...command]
        execFileSync(file, args)
      }
      return answer
    },
  })

const withAnswer =
  (change: (answer: Answer, call: Invocation) => Answer) =>
  (engine: Runner): Runner => ({
    run: async (call, signal) => change(await engine.run(call, signal), call),
  })

const withResult = (change: (text: string) => string) =>
  withAnswer((answer, { verb }) =>
    answer.kind === 'success' && verb === 'ADD'
      ? { ...answer, stdout: change(answer.stdout) }
      : answer,
  )

const gatewayRow = 'bridge: isDefaultGateway, both families'

/** The wrong engines, by name. */
export const doubles: Readonly<Record<string, Double>> = {
  'forgets mtu': {
    row: 'bridge: mtu',
    shows: /mtu: 1400 expected, 1500 found/,
    wrap: withStdin(['ADD'], (stdin) => ({ ...stdin, mtu: 0 })),
  },
  'forgets hairpin': {
    row: 'bridge: hairpinMode',
    shows: /hairpin: true expected, false found/,
    wrap: withStdin(['ADD'], (stdin) => ({ ...stdin, hairpinMode: false })),
  },
  'leaves a lease': {
    row: 'bridge: one IPv4 address',
    shows: /files\/.*10\.1\.0\.2.*expected/,
    wrap: withStdin(['DEL'], (stdin) => ({ ...stdin, ipam: {} })),
  },
  'forgets masquerade': {
    row: 'bridge: ipMasq, IPv4',
    shows: /tables\/nat/,
    wrap: withStdin(['DEL'], (stdin) => ({ ...stdin, ipMasq: false })),
  },
  'forgets a sysctl': {
    row: gatewayRow,
    shows: /\/a\/sysctls\/ipv4~1conf~1eth0\/arp_notify: "1" expected, "0" found/,
    wrap: afterAdd(['sh', '-c', 'echo 0 > /proc/sys/net/ipv4/conf/eth0/arp_notify']),
  },
  'queues packets': {
    row: gatewayRow,
    shows: /links\/eth0\/txqlen/,
    wrap: afterAdd(['ip', 'link', 'set', 'eth0', 'txqueuelen', '1000']),
  },
  'routes by another protocol': {
    row: gatewayRow,
    shows: /routes\/.*protocol: "boot" expected, "static" found/,
    wrap: afterAdd(['ip', 'route', 'change', 'default', 'via', '10.1.0.1', 'proto', 'static']),
  },
  'does not pin': {
    row: gatewayRow,
    shows: /host\/addressTypes\/br1: "3" expected/,
    wrap: withStdin(['ADD'], (stdin) => ({ ...stdin, isDefaultGateway: false, isGateway: false })),
  },
  'tells another mac': {
    row: gatewayRow,
    shows: /hardware address is another/,
    wrap: withResult((text) =>
      text.replace(/("name": "eth0",\s+"mac": ")[^"]+/, '$102:02:02:02:02:02'),
    ),
  },
  'tells no route': {
    row: gatewayRow,
    shows: /result\/routes/,
    wrap: withResult((text) => JSON.stringify({ ...JSON.parse(text), routes: undefined })),
  },
  'has another code': {
    row: 'macvlan: unknown mode',
    shows: /code/,
    wrap: withAnswer((answer) =>
      answer.kind === 'refused' ? { ...answer, error: { ...answer.error, code: 7 } } : answer,
    ),
  },
  'has another message': {
    row: 'macvlan: unknown mode',
    shows: /message/,
    wrap: withAnswer((answer) =>
      answer.kind === 'refused' ? { ...answer, error: { ...answer.error, msg: 'no' } } : answer,
    ),
  },
  'succeeds always': {
    row: 'macvlan: unknown mode',
    shows: /fail/,
    wrap: withAnswer((answer) =>
      answer.kind === 'refused' ? { kind: 'success', stdout: '{}' } : answer,
    ),
  },
  throws: {
    row: gatewayRow,
    shows: /no answer|success/,
    wrap: () => ({
      run: async () => ({
        kind: 'none',
        reason: { kind: 'runner-threw', message: 'x', started: true },
      }),
    }),
  },
}

/** A small engine: a bridge named after the interface, an address, a link in the container; undone, or not. */
const toy = (isClean: boolean): FailingEngine => {
  const commands = (call: Invocation): readonly (readonly string[])[] => [
    ['ip', 'link', 'add', 'toy0', 'type', 'veth', 'peer', 'name', 'toy1'],
    ['ip', 'address', 'add', '10.99.0.1/24', 'dev', 'up0'],
    ['nsenter', `--net=${call.env.CNI_NETNS}`, 'ip', 'link', 'set', 'lo', 'up'],
  ]
  const undo = (call: Invocation): void => {
    for (const command of [
      ['ip', 'link', 'del', 'toy0'],
      ['ip', 'address', 'del', '10.99.0.1/24', 'dev', 'up0'],
      ['nsenter', `--net=${call.env.CNI_NETNS}`, 'ip', 'link', 'set', 'lo', 'down'],
    ]) {
      try {
        execFileSync(command[0] ?? '', command.slice(1), { stdio: 'pipe' })
      } catch {
        // It was not made.
      }
    }
  }
  const failAt = (n: number) => {
    let failed: string | undefined
    const run = async (call: Invocation): Promise<Answer> => {
      if (call.verb === 'DEL') {
        undo(call)
        return { kind: 'success', stdout: '' }
      }
      for (const [index, command] of commands(call).entries()) {
        if (index + 1 === n) {
          failed = command.join(' ')
          if (isClean) undo(call)
          const msg = `${call.env.CNI_IFNAME}: ${failed}: ${words}`
          return { kind: 'refused', error: { code: 999, msg } }
        }
        execFileSync(command[0] ?? '', command.slice(1), { stdio: 'pipe' })
      }
      return { kind: 'success', stdout: '{}' }
    }
    return { run, failed: () => failed }
  }
  return { failAt, whole: failAt(0) }
}

/** Engines of which one leaves things behind when it fails, and one does not. */
export const failingDoubles = {
  'cleans up': () => toy(true),
  'leaves things': () => toy(false),
}
