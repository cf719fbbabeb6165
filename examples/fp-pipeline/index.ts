/** The same library over Either and TaskEither: plan, attach, check and detach as one pipeline. */
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { createEngine, type Failed, plan, toCniError } from 'metacni/fp'
import { createMemoryJournal, createMemoryNode } from 'metacni/runners/memory'

const node = createMemoryNode()
const engine = createEngine({ runner: node.runner, journal: createMemoryJournal() })
const sandbox = { containerId: 'web', netns: '/run/netns/web', ifname: 'eth0', args: '', path: [] }
const network = { cniVersion: '1.0.0', name: 'front', type: 'bridge' }
const files = [{ source: 'front.conf', text: JSON.stringify(network) }]
const toError = ({ error }: Failed) => toCniError(error)

const program = pipe(
  TE.fromEither(plan({ networks: 'front', files })),
  TE.mapLeft(({ problems }) => toCniError(problems)),
  TE.flatMap((plan) => pipe(engine.add(plan, sandbox), TE.mapLeft(toError))),
  TE.tapIO(
    ({ result }) =>
      () =>
        console.log('added', JSON.stringify(result)),
  ),
  TE.flatMap(() => pipe(engine.check(sandbox), TE.mapLeft(toError))),
  TE.tapIO(
    ({ checked }) =>
      () =>
        console.log('checked', checked.length),
  ),
  TE.flatMap(() => pipe(engine.del(sandbox), TE.mapLeft(toError))),
  TE.match(
    ({ code, msg }) => `failed with code ${code}: ${msg}`,
    ({ undone }) => `deleted ${undone.length}, left over ${node.leftovers().length}`,
  ),
)
console.log(await program())
