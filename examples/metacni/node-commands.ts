/** Decides the grammar of the commands that look after a whole node: `ledger`, `leaks` and `gc`. */
import type { Command } from 'commander'
import type { CollectOptions } from './gc.js'
import { collectionHelp, leaksHelp, runnerHelp } from './help.js'
import type { LeaksOptions } from './leaks.js'
import type { LedgerOptions } from './ledger.js'
import {
  addStateOptions,
  cacheDirOption,
  confDirOption,
  configOption,
  dataDirOption,
  outputOption,
  stateDirOption,
  validAttachmentsOption,
} from './options.js'
import type { Terminal } from './terminal.js'

type End = (exitCode: number) => void

/** Adds `ledger`, `leaks` and `gc` to the program. */
export const addNodeCommands = (program: Command, terminal: Terminal, end: End): void => {
  program
    .command('ledger')
    .description('Print what the node holds, by its records; changes nothing.')
    .addOption(stateDirOption())
    .addOption(configOption())
    .addOption(outputOption('table', 'json', 'yaml'))
    .action(async (options: LedgerOptions) => {
      const { printLedger } = await import('./ledger.js')
      end(await printLedger(options, terminal))
    })
  program
    .command('leaks')
    .description('Name what belongs to nobody: records, results, leases, links; changes nothing.')
    .addOption(stateDirOption())
    .addOption(cacheDirOption())
    .addOption(dataDirOption())
    .addOption(
      confDirOption(
        'networks of the node; may be repeated\n(default: the confDir of --config, else that of the profile tke)',
      ),
    )
    .addOption(configOption())
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', leaksHelp)
    .action(async (options: LeaksOptions) => {
      const { printLeaks } = await import('./leaks.js')
      end(await printLeaks(options, terminal))
    })
  const collection = program
    .command('gc')
    .description('Undo what is recorded and not valid, then tell the plugins what is.')
    .addOption(validAttachmentsOption())
    .addOption(
      confDirOption(
        'networks whose plugins are told; may be repeated\n(default: the confDir of --config, else that of the profile tke)',
      ),
    )
    .addOption(configOption())
  addStateOptions(collection, "plugins, before the records' directories; may be repeated")
    .addOption(outputOption('table', 'json', 'yaml'))
    .addHelpText('after', `${runnerHelp}${collectionHelp}`)
    .action(async (options: CollectOptions) => {
      const { collect } = await import('./gc.js')
      end(await collect(options, terminal))
    })
}
