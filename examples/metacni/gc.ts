/**
 * Decides how `metacni gc` goes: everything recorded that is not valid is undone, then the plugins are told. Refuses to
 * begin with a list or a directory that cannot be read whole.
 */
import type { Problem } from '../../lib/cni/problem.js'
import { readCatalogue } from '../../lib/index.js'
import { isDelegatingTo } from '../../lib/plan/resolve.js'
import { collectionOf, tellCollection } from './collection.js'
import { paletteFor } from './colours.js'
import { problemText, refusalOf, tellRefusedCall } from './failure.js'
import { createInputReader } from './input-text.js'
import { readConfiguration, readNetworks } from './inputs.js'
import { exitCodes, interruptible } from './interruption.js'
import { type NodeOptions, openNode } from './node.js'
import { isDataFormat } from './output.js'
import { chooseProfile } from './profile-choice.js'
import { nothingRecorded } from './state-directory.js'
import type { Terminal } from './terminal.js'
import { readValidAttachments } from './valid-attachments.js'

/** The options of `metacni gc`. */
export interface CollectOptions extends NodeOptions {
  readonly validAttachments: string
  readonly config?: string
  readonly confDir?: readonly string[]
  readonly output: string
}

/** Collects what is stale; the exit code. */
export const collect = async (options: CollectOptions, terminal: Terminal): Promise<number> => {
  const during = 'ending the plugin that runs; what is left stays recorded'
  const { value, interrupt } = await interruptible(terminal, during, (signal) =>
    collectUnder(options, terminal, signal),
  )
  return interrupt !== undefined && value !== 0 ? exitCodes[interrupt] : value
}

const collectUnder = async (
  options: CollectOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> => {
  const reader = createInputReader(terminal, signal)
  const { meta, problems: wrong } = await readConfiguration(options.config, reader)
  const valid = await readValidAttachments(options.validAttachments, reader)
  const found: Problem[] = [...wrong, ...(valid.ok ? [] : valid.problems)]
  const profile = chooseProfile()
  const files = profile.ok ? readNetworks(options.confDir ?? [], meta, profile.value, found) : []
  const { networks, problems: broken } = readCatalogue(files)
  const problems = found.filter(({ severity }) => severity === 'error')
  const warnings = [...found.filter(({ severity }) => severity === 'warning'), ...broken]
  const refuse = (all: readonly Problem[]) =>
    tellRefusedCall(terminal, options.output, refusalOf(all))
  if (!valid.ok || problems.length > 0) return refuse(problems)
  const opened = await openNode(options, meta, 'existing', terminal, signal)
  if (!opened.ok) return refuse(opened.problems)
  const { engine, path, close, emptyDirectory } = opened.value
  try {
    const empty = await emptyDirectory()
    if (empty !== undefined && !isDataFormat(options.output))
      terminal.stderr.write(nothingRecorded(empty))
    // The usual directories hold the meta plugin's own configuration, too: its GC is this one.
    const others = [...networks.values()].filter((one) => !isDelegatingTo(one, meta.type))
    const what = { valid: valid.value, networks: others, path }
    const outcome = await engine.gc(what, { signal })
    terminal.stderr.write(problemText(warnings, paletteFor(terminal.stderr, terminal.env)))
    return await tellCollection(terminal, options.output, collectionOf([outcome], others))
  } finally {
    await close()
  }
}
