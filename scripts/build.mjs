/** Decides what dist holds: JavaScript by tsup, declarations, the programs' licences. Refuses a package that does not fit. */
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeCommonJs } from './common-js.mjs'
import { entries, programs } from './entries.mjs'
import { collectLicences } from './licences.mjs'
import { findFaults } from './package-faults.mjs'
import { writeTypes } from './types.mjs'

const shebang = '#!/usr/bin/env node\n'

const writeJavaScript = () => {
  const { status } = spawnSync(process.execPath, ['node_modules/tsup/dist/cli-default.js'], {
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error('tsup failed: see above')
}

/** Makes a program one that a shell can start. */
const makeExecutable = (path) => {
  const text = readFileSync(path, 'utf8')
  if (!text.startsWith('#!')) writeFileSync(path, shebang + text)
  chmodSync(path, 0o755)
}

const build = async () => {
  rmSync('dist', { recursive: true, force: true })
  writeJavaScript()
  await writeCommonJs()
  await writeTypes(entries())
  for (const { name } of programs()) makeExecutable(`dist/bin/${name}.cjs`)
  writeFileSync('dist/bin/LICENCES.txt', collectLicences(programs()))
  const faults = findFaults()
  for (const fault of faults) console.error(fault)
  if (faults.length > 0) throw new Error('the package does not fit its package.json')
}

try {
  await build()
} catch (error) {
  // What is half built must not look finished.
  rmSync('dist', { recursive: true, force: true })
  console.error(`build: ${error.message}`)
  process.exitCode = 1
}
