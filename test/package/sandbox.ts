/** Decides where a test of the tools works: a temporary folder that sees the project's packages and is then removed. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the project. */
export const project = fileURLToPath(new URL('../..', import.meta.url))

/** The texts of files by their path. */
export type Files = { readonly [path: string]: string }

/** Writes files below a folder. */
export const write = (folder: string, files: Files): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** Calls `body` with a new folder that holds the files. Its `node_modules` are the project's unless `bare`. */
export const inFolder = <A>(files: Files, body: (folder: string) => A, bare = false): A => {
  const folder = mkdtempSync(join(tmpdir(), 'metacni-'))
  try {
    if (!bare) symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'))
    write(folder, files)
    return body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs Node in a folder and waits for its end; ten minutes at most. Its coverage is not the project's. */
export const node = (
  folder: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): SpawnSyncReturns<string> => {
  const { NODE_V8_COVERAGE: _, ...inherited } = process.env
  return spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...inherited, ...env },
    timeout: 600_000,
  })
}
