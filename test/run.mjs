/**
 * Decides whether the tests passed. Refuses what uvu lets through with exit code 0: a hook that throws, a suite that
 * never ran, a file without tests, a skip without a reason.
 *
 * Usage: node test/run.mjs [--jobs 2] [--limit-seconds 1800] [part of a path]...
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { parseArgs, stripVTControlCharacters } from 'node:util'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: 'string', default: '2' },
    'limit-seconds': { type: 'string', default: '1800' },
  },
})
const limitMilliseconds = Number(values['limit-seconds']) * 1000
const loader = import.meta.resolve('tsx')

/**
 * What a test sees of the caller's environment. NODE_EXTRA_CA_CERTS stays out: it costs 50 ms a start on Node 20.
 * Language, time zone, colours and the modes of new files are the same everywhere, and a nested `node` is the one that
 * runs the tests.
 */
const environment = () => {
  const kept = /^(HOME|TMPDIR|USER|LOGNAME|CI|NODE_V8_COVERAGE|METACNI_.*)$/
  const entries = Object.entries(process.env).filter(([name]) => kept.test(name))
  const path = [dirname(process.execPath), process.env.PATH ?? '/usr/bin:/bin'].join(delimiter)
  return { ...Object.fromEntries(entries), PATH: path, LC_ALL: 'C.UTF-8', TZ: 'UTC', NO_COLOR: '1' }
}

const endGroup = (child) => {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Nothing of the group is left.
  }
}

process.umask(0o022)

const running = new Set()

/** Runs one file in a process group of its own, and ends the group with it or at the limit. */
const run = (file) =>
  new Promise((resolve) => {
    const started = Date.now()
    const child = spawn(process.execPath, ['--import', loader, file], {
      detached: true,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let output = ''
    let late = false
    const collect = (chunk) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', collect)
    child.stderr.setEncoding('utf8').on('data', collect)
    const timer = setTimeout(() => {
      late = true
      endGroup(child)
    }, limitMilliseconds)
    child.on('error', (error) => collect(`${error.message}\n`))
    child.on('exit', () => {
      clearTimeout(timer)
      endGroup(child)
    })
    child.on('close', (code, signal) => {
      running.delete(child)
      const text = stripVTControlCharacters(output)
      const end = late ? `still running after ${values['limit-seconds']} s` : (signal ?? code)
      resolve({ file, output, milliseconds: Date.now() - started, ...judge(text, end) })
    })
  })

/** The counts of one file, and its faults: what is wrong beside or behind a failed test. */
const judge = (text, end) => {
  const totals = [
    ...text.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm),
  ]
  const skips = [...text.matchAll(/^skipped: .+$/gm)].map(([line]) => line)
  const [total, passed, skipped] = (totals[0] ?? []).slice(1).map(Number)
  const faults = []
  if (end !== 0) faults.push(typeof end === 'number' ? `exit code ${end}` : `ended: ${end}`)
  if (totals.length === 0) faults.push('no totals: no suite ran to its end')
  if (totals.length > 1) faults.push('more than one run: a suite was added after the first began')
  if (total + skipped === 0) faults.push('no test in it')
  if (passed < total) faults.push(`${total - passed} of ${total} tests did not pass`)
  if (skipped > skips.length) faults.push(`${skipped - skips.length} skipped without a reason`)
  const failed = faults.length === 0 ? 0 : Math.max(1, (total ?? 0) - (passed ?? 0))
  return { passed: passed ?? 0, failed, skipped: skipped ?? 0, skips, faults }
}

const report = (result) => {
  const seconds = (result.milliseconds / 1000).toFixed(1)
  if (result.faults.length === 0) {
    console.log(`ok ${result.file}: ${result.passed} tests, ${seconds} s`)
  } else {
    console.log(`\nFAILED ${result.file}: ${result.faults.join('; ')}\n\n${result.output}`)
  }
}

const runAll = async (files) => {
  const queue = [...files]
  const results = []
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await run(file)
      report(result)
      results.push(result)
    }
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, work))
  return results
}

const close = (results) => {
  const sum = (key) => results.reduce((count, result) => count + result[key], 0)
  const failed = sum('failed')
  console.log('')
  for (const { skips } of results) for (const line of skips) console.log(line)
  for (const { file, faults } of results) {
    for (const fault of faults) console.log(`failed: ${file}: ${fault}`)
  }
  const skipped = sum('skipped')
  console.log(`${sum('passed')} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
  process.exitCode = failed === 0 ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) endGroup(child)
    process.exit(1)
  })
}

const files = readdirSync('test', { recursive: true })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test', name))
  .sort()
const parts = positionals.map((part) => relative('.', part))
const unmatched = parts.filter((part) => !files.some((file) => file.includes(part)))
const chosen = files.filter((file) => !parts.length || parts.some((part) => file.includes(part)))
const empty = files.length === 0 ? ['test/**/*.test.ts'] : unmatched
const missing = empty.map((part) => ({
  file: part,
  faults: ['no such test file'],
  passed: 0,
  failed: 1,
  skipped: 0,
  skips: [],
}))
close([...(await runAll(chosen)), ...missing])
