/**
 * Decides the grammar of the command line: subcommands, options, help. Refuses wrong usage with exit code 2; what a
 * command does is in a file of its name, loaded when it is called.
 */
import { Command, CommanderError } from 'commander'
import metadata from '../../package.json' with { type: 'json' }
import type { AddOptions } from './add.js'
import { addExamples, overview, planExamples, replayHelp, runnerHelp } from './help.js'
import type { PlanOptions } from './inputs.js'
import { addNet } from './net-commands.js'
import { addNodeCommands } from './node-commands.js'
import {
  addDryRunOptions,
  addPlanOptions,
  addSandboxOptions,
  addStateOptions,
  binDirOption,
  configOption,
  outputOption,
  savedPlanOption,
} from './options.js'
import type { PrintedPlanOptions } from './plan.js'
import type { RecordedOptions } from './recorded.js'
import type { ReplayCommandOptions } from './replay.js'
import type { Terminal } from './terminal.js'

type Printed<A> = A & { readonly output: string }

/** Carries out a command line, without the program's name; the exit code. Never throws. */
export const run = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  let exitCode = 0
  const command = createCommand(terminal, (code) => {
    exitCode = code
  })
  try {
    await command.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : wrongUsage
    const message = error instanceof Error ? error.message : String(error)
    terminal.stderr.write(`error: metacni failed: ${message}\n`)
    return 1
  }
}

const wrongUsage = 2

const createCommand = (terminal: Terminal, end: (exitCode: number) => void): Command => {
  const program = new Command('metacni')
    .description('Plans the networks of a pod, says why, and carries the plan out.')
    .version(metadata.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError('(--help says more)')
    .configureOutput({
      writeOut: terminal.stdout.write,
      writeErr: terminal.stderr.write,
      getOutHelpWidth: () => terminal.stdout.columns ?? helpWidth,
      getErrHelpWidth: () => terminal.stderr.columns ?? helpWidth,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', overview)
  addPlan(program, terminal, end)
  addExplain(program, terminal, end)
  addAdd(program, terminal, end)
  addRecorded(program, terminal, end)
  addNodeCommands(program, terminal, end)
  addNet(program, terminal, end)
  addReplay(program, terminal, end)
  return program
}

const helpWidth = 100

const addPlan = (program: Command, terminal: Terminal, end: (code: number) => void): void => {
  const command = addPlanOptions(program.command('plan'))
    .description('Print which networks a pod gets, in order, under which names.')
    .addOption(binDirOption())
  addDryRunOptions(command)
    .addOption(outputOption('table', 'json', 'yaml', 'commands'))
    .addHelpText('after', planExamples)
    .action(async (options: PrintedPlanOptions) => {
      const { printPlan } = await import('./plan.js')
      end(await printPlan(options, terminal))
    })
}

const addExplain = (program: Command, terminal: Terminal, end: (code: number) => void): void => {
  addPlanOptions(program.command('explain'))
    .description('Say why each name, the order and each key of a plan are as they are.')
    .addOption(binDirOption())
    .addOption(outputOption('text', 'json', 'yaml'))
    .action(async (options: Printed<PlanOptions>) => {
      const { printExplanation } = await import('./explain.js')
      end(await printExplanation(options, terminal))
    })
}

const addAdd = (program: Command, terminal: Terminal, end: (code: number) => void): void => {
  const command = program
    .command('add')
    .description('Attach a container and print the CNI result; what fails is undone.')
  addSandboxOptions(command).requiredOption('--netns <path>', 'its network namespace')
  addPlanOptions(command).addOption(savedPlanOption())
  const paths = 'plugins, after CNI_PATH and before the binDir of --config; may be repeated'
  addStateOptions(command, paths)
    .addOption(outputOption('json', 'yaml', 'table'))
    .addHelpText('after', `${runnerHelp}${addExamples}`)
    .action(async (options: AddOptions) => {
      const { attach } = await import('./add.js')
      end(await attach(options, terminal))
    })
}

const addRecorded = (program: Command, terminal: Terminal, end: (code: number) => void): void => {
  const define = (name: string, description: string): Command => {
    const command = program.command(name).description(description)
    addSandboxOptions(command)
      .option('--netns <path>', "its network namespace (default: the record's)")
      .option('--ifname <name>', 'only what has this primary interface (default: everything)')
    return addStateOptions(command, "plugins, after CNI_PATH, before the record's; may be repeated")
      .addOption(configOption())
      .addOption(outputOption('text', 'json', 'yaml'))
      .addHelpText('after', runnerHelp)
  }
  define('check', 'Check what is attached to a container; silent when all is well.').action(
    async (options: RecordedOptions) => {
      const { check } = await import('./check.js')
      end(await check(options, terminal))
    },
  )
  define('del', 'Undo what is attached to a container; silent when all is gone.').action(
    async (options: RecordedOptions) => {
      const { detach } = await import('./del.js')
      end(await detach(options, terminal))
    },
  )
}

const addReplay = (program: Command, terminal: Terminal, end: (code: number) => void): void => {
  program
    .command('replay')
    .description(
      'Go through recordings with this version, and say where it would do something else.',
    )
    .argument('<file...>', 'recordings, as --record writes them; - is stdin')
    .addOption(outputOption('text', 'json', 'yaml'))
    .addHelpText('after', replayHelp)
    .action(async (files: readonly string[], options: ReplayCommandOptions) => {
      const { replayFiles } = await import('./replay.js')
      end(await replayFiles(files, options, terminal))
    })
}
