import { runSchedule } from './old-one.js'

const from = Number(process.argv[2]),
  to = Number(process.argv[3]),
  max = Number(process.argv[4] ?? 3)
let found = 0
const t = performance.now()
const kinds = new Map<string, number>()
for (let seed = from; seed < to; seed++) {
  const f = await runSchedule(seed).catch((e) => ({ seed, message: String(e.stack), trace: [] }))
  if (f) {
    found++
    const k = f.message.replace(/[0-9a-f]{4,}|\d+/g, 'N').slice(0, 70)
    kinds.set(k, (kinds.get(k) ?? 0) + 1)
    if (found <= max) console.log(f.seed, f.message, '\n  ' + f.trace.join('\n  '))
  }
}
const c = process.cpuUsage()
console.log(
  ((c.user + c.system) / 1000 / (to - from)).toFixed(2),
  'ms cpu',
  found,
  'findings;',
  ((performance.now() - t) / (to - from)).toFixed(2),
  'ms each',
)
for (const [k, n] of [...kinds].sort((a, b) => b[1] - a[1])) console.log(n, k)
