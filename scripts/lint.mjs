/** Decides whether the sources keep the house's rules: style, layers, purity. Runs every check, whatever the others say. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const colors = process.stdout.isTTY ? '--colors=force' : '--colors=off'
const folders = ['lib', 'runners', 'examples'].filter(existsSync)

const checks = [
  ['style', here('../node_modules/@biomejs/biome/bin/biome'), 'ci', colors, '.'],
  [
    'layers',
    here('../node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
    '--config',
    here('layers.mjs'),
    ...folders,
  ],
  ['purity', here('source-rules.mjs')],
]

for (const [name, program, ...args] of checks) {
  const { status } = spawnSync(process.execPath, [program, ...args], { stdio: 'inherit' })
  if (status === 0) continue
  console.error(`lint: ${name} failed`)
  process.exitCode = 1
}
