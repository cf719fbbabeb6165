/** Decides which engines a worker knows: the plugin binaries, the ip runner where there is one, and doubles that are wrong. */
import type { Runner } from '../../lib/ports/index.js'
import { createStarterRunner } from '../../runners/exec/core.js'
import { createStarter } from '../../runners/node/start.js'
import { doubles, failingDoubles } from './doubles.js'
import { failingIp } from './failing-ip.js'
import type { EngineTable } from './worker.js'

/** The plugin binaries. */
export const binaries = (): Runner =>
  createStarterRunner({ env: process.env, start: createStarter() })

/** The interface that the ip runner is judged by. */
export type CreateIpRunner = (options: {
  readonly ipam?: Runner
  readonly env?: Readonly<Record<string, string | undefined>>
}) => Runner

/** The table. Without `createIpRunner` there is no engine `ip`. */
export const engineTable = (createIpRunner: CreateIpRunner | undefined): EngineTable => {
  const wrong = Object.entries(doubles).map(
    ([name, { wrap }]) => [name, () => wrap(binaries())] as const,
  )
  return {
    engines: {
      exec: binaries,
      ...Object.fromEntries(wrong),
      ...(createIpRunner && { ip: () => createIpRunner({ ipam: binaries(), env: process.env }) }),
    },
    failing: {
      ...failingDoubles,
      ...(createIpRunner && {
        ip: () => failingIp((path) => createIpRunner({ ipam: binaries(), env: { PATH: path } })),
      }),
    },
  }
}
