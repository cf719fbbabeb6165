/**
 * Decides whether the decoders survive what strangers may write: cases of test/fuzz, each made of a seed, and inputs that
 * grow. Prints what it finds with the smallest input that shows it. Ends with 1 when there was anything.
 *
 * Usage: [COUNT=100000] [FROM=0] [LENGTH=1000000] [DECODER=name] node scripts/fuzz.mjs, or SEED=n DECODER=name to look at
 * one case. LENGTH is that of the largest growing input; 0 leaves them out.
 */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

const worker = fileURLToPath(new URL('../test/fuzz/worker.ts', import.meta.url))
const loader = import.meta.resolve('tsx')

/** Cases that a worker is given at a time. */
const blockSize = 500
/** How long a worker may be silent, in milliseconds: a case that takes five seconds of the processor is a finding already. */
const patience = 120_000
/** After so many findings of a decoder there is enough to look at. */
const mostFindings = 5

const fail = (message) => {
  console.error(message)
  process.exit(2)
}

const numberFrom = (name, otherwise) => {
  const text = process.env[name] || undefined
  if (text === undefined) return otherwise
  return /^\d{1,10}$/.test(text)
    ? Number(text)
    : fail(`${name} must be a natural number, not ${JSON.stringify(text)}`)
}

const startWorker = () =>
  fork(worker, { execArgv: ['--import', loader], env: { PATH: process.env.PATH ?? '' } })

/** What a worker tells until it is done with an order; `end` says why it was not. */
const ask = (child, order, last) =>
  new Promise((resolve) => {
    const told = []
    const finish = (end) => {
      clearTimeout(timer)
      child.off('message', take).off('exit', died)
      resolve({ told, end })
    }
    const take = (message) => {
      timer.refresh()
      told.push(message)
      if (message.kind === last) finish()
    }
    const died = (code, signal) => finish(`the process ended: ${signal ?? code}`)
    const timer = setTimeout(() => {
      child.off('exit', died)
      child.kill('SIGKILL')
      finish(`it did not end within ${patience / 1000} s`)
    }, patience)
    child.on('message', take).on('exit', died)
    child.send(order)
  })

const replay = ({ decoder, seed }) =>
  seed === undefined
    ? `again: DECODER='${decoder}' COUNT=0 npm run fuzz`
    : `replay: DECODER='${decoder}' SEED=${seed} npm run fuzz`

const print = (finding) => {
  const { decoder, seed, message, input } = finding
  const which = seed === undefined ? decoder : `${decoder}, seed ${seed}`
  const lines = [`${which}: ${message}`, `input: ${JSON.stringify(input)}`, replay(finding)]
  console.log(lines.join('\n  '))
}

const listNames = async () => {
  const child = startWorker()
  const { told, end } = await ask(child, { kind: 'names' }, 'names')
  child.disconnect?.()
  if (end !== undefined) return fail(end)
  const { names } = told[0]
  const wanted = process.env.DECODER || undefined
  if (wanted === undefined || names.includes(wanted)) {
    return names.filter((name) => wanted === undefined || name === wanted)
  }
  return fail(`DECODER must be one of ${names.join(', ')}, not ${JSON.stringify(wanted)}`)
}

const showCase = async (decoder, seed) => {
  const child = startWorker()
  const { told, end } = await ask(child, { kind: 'show', decoder, seed }, 'shown')
  if (end === undefined) {
    const { input, finding } = told[0]
    console.log(`${decoder}, seed ${seed}: ${JSON.stringify(input)}`)
    if (finding === undefined) console.log('nothing')
    else print(finding)
    process.exitCode = finding === undefined ? 0 : 1
    child.disconnect()
  } else {
    console.log(`${decoder}, seed ${seed}: ${end}`)
    process.exitCode = 1
  }
}

/** The orders of a decoder: its growing inputs, and its cases in blocks. */
const ordersOf = (decoder, { from, count, length }) => {
  const blocks = []
  for (let next = from; next < from + count; next += blockSize) {
    const to = Math.min(next + blockSize, from + count)
    blocks.push({ kind: 'block', decoder, from: next, to })
  }
  return length === 0 ? blocks : [{ kind: 'growth', decoder, length }, ...blocks]
}

/** A block in which a worker hung or died is halved until the seed is known. */
const halves = ({ decoder, from, to }) => {
  const middle = (from + to) >> 1
  return [
    { kind: 'block', decoder, from, to: middle },
    { kind: 'block', decoder, from: middle, to },
  ]
}

const search = async (names, what) => {
  const started = performance.now()
  const queue = names.flatMap((name) => ordersOf(name, what))
  const counts = new Map(names.map((name) => [name, { cases: 0, found: 0 }]))

  const note = (finding) => {
    const tally = counts.get(finding.decoder)
    if (tally.found++ < mostFindings) print(finding)
  }
  const lost = (order, end) => {
    if (order.kind === 'block' && order.to - order.from > 1) queue.unshift(...halves(order))
    else note({ decoder: order.decoder, seed: order.from, message: end, input: '' })
  }
  const work = async () => {
    let child = startWorker()
    for (let order = queue.shift(); order !== undefined; order = queue.shift()) {
      const tally = counts.get(order.decoder)
      if (tally.found >= mostFindings) continue
      const { told, end } = await ask(child, order, 'done')
      if (end === undefined) {
        for (const { kind, finding } of told) if (kind === 'finding') note(finding)
        tally.cases += told.at(-1).count
      } else {
        lost(order, end)
        child = startWorker()
      }
    }
    child.disconnect()
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), names.length) }, work))

  let cases = 0
  let found = 0
  for (const [name, tally] of counts) {
    console.log(`${name}: ${tally.cases} cases, ${tally.found} found`)
    cases += tally.cases
    found += tally.found
  }
  const seconds = (performance.now() - started) / 1000
  console.log(`${cases} cases in ${seconds.toFixed(1)} s, ${found} found`)
  process.exitCode = found === 0 ? 0 : 1
}

const names = await listNames()
const seed = numberFrom('SEED', undefined)
const what = {
  from: numberFrom('FROM', 0),
  count: numberFrom('COUNT', 100_000),
  length: numberFrom('LENGTH', 1_000_000),
}
if (seed === undefined) await search(names, what)
else if (names.length === 1) await showCase(names[0], seed)
else fail('SEED needs DECODER: a seed makes another input for each')
