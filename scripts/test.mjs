/**
 * Decides whether the project is sound: it builds, its types and its rules hold, its tests pass on this Node and on the
 * newest LTS line. Goes on after a failure. The last line counts all runs together; a check that is no test run counts
 * as one test.
 */
import { spawnSync } from 'node:child_process'
import { printCounts, readCounts, run } from './steps.mjs'

const node = process.execPath
const compiler = 'node_modules/typescript/bin/tsc'

/** The lines of a script that prints a path, or the reason why there is none. */
const ask = (script) => {
  const { status, stdout, stderr } = spawnSync(node, [script], { encoding: 'utf8' })
  return status === 0 ? { path: stdout.trim() } : { reason: stderr.trim() }
}

const results = []

/** Carries out one step and keeps its counts. `isRun`: it closes with counts of its own. */
const step = async (title, program, args, isRun = false) => {
  console.log(`\n== ${title}`)
  const started = Date.now()
  const { code, stdout } = await run(program, args)
  const alone =
    code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
  const counts = (isRun ? readCounts(stdout) : undefined) ?? alone
  // An exit code that no count explains is a failure too.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed
  results.push({ title, ...counts, failed, seconds: (Date.now() - started) / 1000 })
}

const skip = (title, reason) => {
  console.log(`\n== ${title}\nskipped: ${title}: ${reason}`)
  results.push({ title, passed: 0, failed: 0, skipped: 1, seconds: 0, reason })
}

await step('build', node, ['scripts/build.mjs'])
await step('types', node, [compiler, '-p', 'tsconfig.json'])
await step('types of lib alone', node, [compiler, '-p', 'lib/tsconfig.json'])
await step('lint', node, ['scripts/lint.mjs'])
const plugins = ask('scripts/plugins.mjs')
console.log(`\n== standard plugins\n${plugins.path ?? plugins.reason}`)

await step(`tests on Node ${process.version}, with coverage`, node, ['scripts/coverage.mjs'], true)

const other = ask('scripts/node-lts.mjs')
if (other.path === undefined) skip('tests on the newest LTS Node', other.reason)
else await step('tests on the newest LTS Node', other.path, ['test/run.mjs'], true)

console.log('\n== all')
for (const { title, passed, failed, skipped, seconds, reason } of results) {
  const why = reason === undefined ? '' : ` (${reason})`
  console.log(
    `${title}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds.toFixed(1)} s${why}`,
  )
}
const sum = (key) => results.reduce((count, result) => count + result[key], 0)
const failed = sum('failed')
printCounts({ passed: sum('passed'), failed, skipped: sum('skipped') })
process.exitCode = failed === 0 ? 0 : 1
