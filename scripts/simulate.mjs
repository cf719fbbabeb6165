/**
 * Decides whether the engine survives what chance does to it: schedules of test/simulation, each made of a seed, on all
 * cores. Prints what it finds with everything that led to it. Ends with 1 when there was anything.
 *
 * Usage: [COUNT=1000000] [FROM=0] node scripts/simulate.mjs, or SEED=n to look at one.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const worker = fileURLToPath(new URL('../test/simulation/worker.ts', import.meta.url))
const loader = import.meta.resolve('tsx')

/** Schedules that a worker is given at a time. */
const blockSize = 250
/** After so many findings there is enough to look at. */
const mostFindings = 10

const numberFrom = (name, otherwise) => {
  const text = process.env[name] || undefined
  if (text === undefined) return otherwise
  if (/^\d{1,10}$/.test(text)) return Number(text)
  console.error(`${name} must be a natural number, not ${JSON.stringify(text)}`)
  return process.exit(2)
}

// NODE_EXTRA_CA_CERTS and the like stay out: a schedule depends on its seed alone.
const startWorker = () =>
  fork(worker, { execArgv: ['--import', loader], env: { PATH: process.env.PATH ?? '' } })

const print = ({ seed, message, trace }) =>
  console.log(
    [`seed ${seed}: ${message}`, ...trace, `replay: make simulate SEED=${seed}`].join('\n  '),
  )

const replay = (seed) => {
  const child = startWorker()
  child.send({ kind: 'trace', seed })
  child.on('message', ({ finding, trace }) => {
    if (finding === undefined) console.log([`seed ${seed}: nothing`, ...trace].join('\n  '))
    else print(finding)
    process.exitCode = finding === undefined ? 0 : 1
    child.disconnect()
  })
  child.on('exit', (code, signal) => {
    if (code === 0) return
    console.error(`seed ${seed}: the process ended: ${signal ?? code}`)
    process.exitCode = 1
  })
}

const search = (from, count) => {
  const end = from + count
  const started = performance.now()
  let next = from
  let done = 0
  let findings = 0
  const isOver = () => next >= end || findings >= mostFindings

  const report = () => {
    const seconds = (performance.now() - started) / 1000
    const pace = Math.round(done / seconds)
    console.log(`${done} of ${count} schedules, ${pace} a second, ${findings} found`)
  }
  const timer = setInterval(report, 10_000)

  const work = () =>
    new Promise((resolve) => {
      const child = startWorker()
      let block
      const give = () => {
        if (isOver()) return child.disconnect()
        block = { kind: 'block', from: next, to: Math.min(next + blockSize, end) }
        next = block.to
        return child.send(block)
      }
      child.on('message', (told) => {
        if (told.kind === 'finding') {
          if (findings++ < mostFindings) print(told.finding)
          return
        }
        done += told.count
        give()
      })
      child.on('exit', (code, signal) => {
        if (code !== 0) {
          findings++
          const { from: first, to } = block
          console.log(`seeds ${first} to ${to - 1}: the process ended: ${signal ?? code}`)
        }
        resolve()
      })
      give()
    })

  return Promise.all(Array.from({ length: availableParallelism() }, work)).then(() => {
    clearInterval(timer)
    report()
    process.exitCode = findings === 0 ? 0 : 1
  })
}

const seed = numberFrom('SEED', undefined)
if (seed === undefined) await search(numberFrom('FROM', 0), numberFrom('COUNT', 1_000_000))
else replay(seed)
