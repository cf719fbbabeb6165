/** Decides which options the subcommands share, and what of them is wrong usage. Reads no file. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { profileNames } from './profile-choice.js'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** An option that may be given more than once. */
const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(collect).default([], 'none')

/** A number of seconds. */
export const parseSeconds = (text: string): number => {
  const seconds = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (seconds > 0) return seconds
  throw new InvalidArgumentError('It is a number of seconds above 0.')
}

/** `-o`, with the forms that a command knows, the default one first. */
export const outputOption = (...formats: readonly string[]): Option =>
  new Option('-o, --output <format>', 'how to print').choices(formats).default(formats[0])

export const configOption = (): Option =>
  new Option('--config <file>', "the meta plugin's configuration, JSON (00-multus.conf)")

export const binDirOption = (description: string): Option =>
  repeatable('--bin-dir <dir>', description)

/** The options that a plan is made of. */
export const addPlanOptions = (command: Command, binDir: string): Command =>
  command
    .option('--pod <file>', "a manifest with the pod's annotations, YAML or JSON; - is stdin")
    .option('--pod-name <name>', '[namespace/]name of the pod, in a manifest with several')
    .option('--networks <list>', "what the pod asks for, instead of a manifest: 'a,b@eth5'")
    .addOption(configOption())
    .addOption(
      repeatable(
        '--conf-dir <dir>',
        "where networks are defined; may be repeated\n(default: the configuration's confDir, else the profile's)",
      ),
    )
    .option('--profile <name>', `${profileNames.join(', ')}\n(default: tke)`)
    .option('--ifname <name>', 'the interface of the primary network (default: eth0)')
    .option('--default-delegates <list>', "instead of the configuration's defaultDelegates")
    .option('--capability-args <json>', "laid over the configuration's runtimeConfig")
    .addOption(binDirOption(binDir))
