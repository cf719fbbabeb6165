/** Decides where the tests find the standard CNI plugins, and why not where there are none. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The directory of the standard plugins, or the reason to skip what needs them. */
export type Plugins =
  | { readonly ok: true; readonly directory: string }
  | { readonly ok: false; readonly reason: string }

/** Looks for the plugins of the machine, or unpacks Debian's below .cache: see scripts/plugins.mjs. */
export const findPlugins = (): Plugins => {
  const script = fileURLToPath(new URL('../scripts/plugins.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' })
  return status === 0
    ? { ok: true, directory: stdout.trim() }
    : { ok: false, reason: stderr.trim() || 'scripts/plugins.mjs failed without a word' }
}
