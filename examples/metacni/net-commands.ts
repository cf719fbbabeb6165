/** Decides the grammar of `metacni net`: cnitool's commands and arguments, in its order. */
import { type Command, Option } from 'commander'
import { netExamples, netHelp } from './help.js'
import type { NetCall } from './net.js'
import type { NetOptions } from './net-ports.js'
import { outputOption, parseSeconds, validAttachmentsOption } from './options.js'
import type { Terminal } from './terminal.js'

type End = (exitCode: number) => void

/** Adds `net` and its commands to the program. */
export const addNet = (program: Command, terminal: Terminal, end: End): void => {
  const net = program
    .command('net')
    .description('Do with one network and one namespace what cnitool does.')
    .helpCommand(false)
    .addHelpText('after', `${netHelp}${netExamples}`)
  addCalls(net, terminal, end)
  addCollection(net, terminal, end)
  addVersions(net, terminal, end)
}

const timeoutOption = (): Option =>
  new Option('--timeout <seconds>', 'how long one plugin may take')
    .argParser(parseSeconds)
    .default(60)

const networkArgument = ['<network>', 'its name, as NETCONFPATH has it'] as const

const descriptions = {
  add: 'Attach a namespace and print the CNI result; what fails is undone.',
  check: 'Check an attachment against its cached result; silent when all is well.',
  del: 'Undo an attachment; silent when all is gone.',
  status: 'Ask the plugins whether they can serve an ADD; silent when they can.',
} as const

const addCalls = (net: Command, terminal: Terminal, end: End): void => {
  for (const verb of ['add', 'check', 'del', 'status'] as const) {
    const isStatus = verb === 'status'
    net
      .command(verb)
      .description(descriptions[verb])
      .argument(...networkArgument)
      .argument(
        isStatus ? '[netns]' : '<netns>',
        isStatus ? 'not looked at' : 'path of the network namespace',
      )
      .addOption(timeoutOption())
      .addOption(outputOption('text', 'json', 'yaml'))
      .addHelpText('after', netHelp)
      .action(async (network: string, netns: string | undefined, options: NetOptions) => {
        const { callNetwork } = await import('./net.js')
        const call: NetCall = { verb, network, netns: netns ?? '-', options }
        end(await callNetwork(call, terminal))
      })
  }
}

const addCollection = (net: Command, terminal: Terminal, end: End): void => {
  net
    .command('gc')
    .description('Undo what is attached to a network and not valid, then tell its plugins what is.')
    .argument(...networkArgument)
    .argument('[netns]', 'not looked at')
    .addOption(validAttachmentsOption())
    .addOption(timeoutOption())
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', netHelp)
    .action(
      async (network: string, _: unknown, options: NetOptions & { validAttachments: string }) => {
        const { collectNetwork } = await import('./net-gc.js')
        end(await collectNetwork(network, options, terminal))
      },
    )
}

const addVersions = (net: Command, terminal: Terminal, end: End): void => {
  net
    .command('version')
    .description(
      'Print which CNI versions the plugins support, and whether the network’s is among them.',
    )
    .argument(...networkArgument)
    .argument('[netns]', 'not looked at')
    .addOption(timeoutOption())
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', netHelp)
    .action(async (network: string, _: unknown, options: NetOptions) => {
      const { printVersions } = await import('./net-version.js')
      end(await printVersions(network, options, terminal))
    })
}
