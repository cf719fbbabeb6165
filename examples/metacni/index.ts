/** The program `metacni`: what people and scripts type. Refuses to show a stack trace to anybody. */
import { run } from './command-line.js'
import { processTerminal } from './terminal.js'

const fail = (what: string): void => {
  process.exitCode = 1
  process.stderr.write(`error: ${what}\n`)
}

process.on('uncaughtException', (error) => {
  fail(`metacni failed: ${error.message}`)
  process.exit()
})

const terminal = processTerminal(process, (why) => fail(`stdout cannot be written: ${why}`))

void run(process.argv.slice(2), terminal).then((exitCode) => {
  process.exitCode ||= exitCode
})
