/**
 * Decides whether the tests reach enough of lib: at least 95 % of its branches, and every file. Takes the arguments of
 * test/run.mjs. The last line is that run's, with a failure more when it is too little.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { printCounts, readCounts, run } from './steps.mjs'

const raw = 'coverage/raw'
const bar = '95'

/** Files of types: nothing of them runs, and c8 would count them as never reached (bcoe/c8#494). */
const holdsTypesOnly = (path) => {
  const compilerOptions = { module: 'esnext', removeComments: true, verbatimModuleSyntax: true }
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions })
  return /^\s*(?:export \{\s*\};?)?\s*$/.test(outputText)
}

const files = readdirSync('lib', { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('lib', name))

rmSync('coverage', { recursive: true, force: true })
const tests = await run(process.execPath, ['test/run.mjs', ...process.argv.slice(2)], {
  ...process.env,
  NODE_V8_COVERAGE: raw,
})
console.log('')
const report = await run(process.execPath, [
  'node_modules/c8/bin/c8.js',
  'report',
  `--temp-directory=${raw}`,
  '--merge-async',
  '--all',
  '--src=lib',
  '--include=lib/**/*.ts',
  ...files.filter(holdsTypesOnly).map((path) => `--exclude=${path}`),
  '--reporter=text',
  '--reporter=json-summary',
  '--skip-full',
  '--check-coverage',
  `--branches=${bar}`,
  '--lines=0',
])
rmSync(raw, { recursive: true, force: true })

// A file that nothing loads counts for one branch, however many it has.
const { total: _, ...summary } = JSON.parse(readFileSync('coverage/coverage-summary.json', 'utf8'))
const unreached = Object.keys(summary).filter((path) => summary[path].lines.covered === 0)
for (const path of unreached) console.error(`no test reaches ${relative('.', path)}`)

const enough = report.code === 0 && unreached.length === 0
const { passed, failed, skipped } = readCounts(tests.stdout) ?? { passed: 0, failed: 1, skipped: 0 }
console.log('')
printCounts({ passed, failed: failed + (enough ? 0 : 1), skipped })
process.exitCode = tests.code === 0 && enough ? 0 : 1
