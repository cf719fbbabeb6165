/**
 * Decides what `make libcni` prints: how often metacni and Go's libcni say the same, and each input of which they do not;
 * with root also whether either undoes what the other attached.
 * Ends with 1 when there is one, with 2 when Go cannot be asked here.
 *
 * COUNT=n inputs a kind; FROM=n the first seed; KIND=name one kind; KEEP=1 keeps some of the answers for `make test`.
 */
import { networkNames } from '../crash/node.js'
import { findTools } from '../crash/tools.js'
import { judge, questionsOf, subjects } from './compare.js'
import { crossFaults } from './cross.js'
import { isRefusal, type Kept, writeKept } from './kept.js'
import { ask, buildOracle } from './oracle.js'

const { COUNT: count = '20000', FROM: from = '0', KIND: only = '', KEEP: keep = '' } = process.env
const shown = 10

const oracle = buildOracle()
if (!oracle.ok) {
  console.error(`libcni: ${oracle.reason}`)
  process.exit(2)
}
const asked: Kept[] = []
let hasDifference = false
for (const subject of subjects.filter(({ kind }) => only === '' || kind === only)) {
  const all = questionsOf(subject, Number(from), Number(count))
  const answers = ask(
    oracle.program,
    all.map((text) => ({ kind: subject.kind, text })),
  )
  const reasons = new Map<string, number>()
  let accepted = 0
  let same = 0
  let different = 0
  for (const [index, text] of all.entries()) {
    const theirs = answers[index] ?? {}
    asked.push({ kind: subject.kind, text, said: theirs })
    const verdict = await judge(subject, text, theirs)
    if (!isRefusal(theirs)) accepted += 1
    if (verdict.kind === 'same') same += 1
    else if (verdict.kind === 'meant') reasons.set(verdict.why, (reasons.get(verdict.why) ?? 0) + 1)
    else {
      different += 1
      hasDifference = true
      if (different > shown) continue
      console.log(`${subject.kind}: ${text.slice(0, 1000)}`)
      console.log(`  metacni ${JSON.stringify(verdict.ours).slice(0, 1000)}`)
      console.log(`  Go      ${JSON.stringify(verdict.theirs).slice(0, 1000)}`)
    }
  }
  console.log(
    `${subject.kind}: ${all.length} asked, ${accepted} of them accepted by Go, ${same} same, ${different} different`,
  )
  for (const [why, times] of reasons) console.log(`  meant: ${why}: ${times}`)
}
if (only === '') {
  const tools = findTools()
  if (!tools.ok) console.log(`attachments: not compared: ${tools.reason}`)
  else {
    const { plugins, files } = tools.value
    const pair = { libcni: [oracle.program, 'tool'], metacni: [files.metacni, 'net'] }
    const faults = await crossFaults(plugins, pair)
    for (const fault of faults) console.log(fault)
    console.log(
      `attachments: ${networkNames.length} networks, each way: ${faults.length} different`,
    )
    if (faults.length > 0) hasDifference = true
  }
}
if (keep !== '') writeKept(asked)
process.exitCode = hasDifference ? 1 : 0
