/** Decides which options the subcommands share, and what of them is wrong usage. Reads no file. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { profileNames } from './profile-choice.js'

// An unset variable of a script must not mean the working directory.
const parseDirectory = (text: string): string => {
  if (text !== '') return text
  throw new InvalidArgumentError('It is the path of a directory.')
}

const parseFile = (text: string): string => {
  if (text !== '') return text
  throw new InvalidArgumentError('It is the path of a file.')
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  parseDirectory(text),
]

/** An option that may be given more than once. */
const repeatable = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(collect)

/** A number of seconds. */
export const parseSeconds = (text: string): number => {
  const seconds = /^\d{1,7}(\.\d{1,3})?$/.test(text) ? Number(text) : 0
  if (seconds > 0) return seconds
  throw new InvalidArgumentError('It is a number of seconds above 0.')
}

/** `-o`, with the forms that a command knows, the default one first. */
export const outputOption = (...formats: readonly string[]): Option =>
  new Option('-o, --output <format>', 'how to print')
    .choices(formats)
    .default(formats[0])
    .helpGroup('Options:')

/** The meta plugin's configuration. */
export const configOption = (): Option =>
  new Option('--config <file>', "the meta plugin's configuration, JSON (00-multus.conf)")

/** Where `plan` looks whether every plugin is there. */
export const binDirOption = (): Option =>
  repeatable(
    '--bin-dir <dir>',
    'a directory of plugins: one that none has is a warning; may be repeated',
  )

/** Where networks are defined. */
export const confDirOption = (description: string): Option =>
  repeatable('--conf-dir <dir>', description)

/** Where records are kept. */
export const stateDirOption = (): Option =>
  new Option(
    '--state-dir <dir>',
    'where records are kept\n(default: the cniDir of --config, else /var/lib/cni/multus)',
  ).argParser(parseDirectory)

/** Result caches, for `leaks`. */
export const cacheDirOption = (): Option =>
  repeatable(
    '--cache-dir <dir>',
    'in whose results others cache theirs; may be repeated (default: /var/lib/cni)',
  )

/** Leases of host-local, for `leaks`. */
export const dataDirOption = (): Option =>
  repeatable(
    '--data-dir <dir>',
    'where host-local keeps leases, beside what recorded networks name;\nmay be repeated (default: /var/lib/cni/networks)',
  )

/** The options that a plan is made of. */
export const addPlanOptions = (command: Command): Command =>
  command
    .optionsGroup('The plan:')
    .option('--pod <file>', "a manifest with the pod's annotations, YAML or JSON; - is stdin")
    .option('--pod-name <name>', '[namespace/]name of the pod, in a manifest with several')
    .option('--networks <list>', "what the pod asks for, instead of a manifest: 'a,b@eth5'")
    .addOption(configOption())
    .addOption(
      confDirOption(
        "where networks are defined; may be repeated\n(default: the confDir of --config, else the profile's)",
      ),
    )
    .option('--profile <name>', `whose rules hold: ${profileNames.join(', ')} (default: tke)`)
    .option('--ifname <name>', 'the interface of the primary network (default: eth0)')
    .option('--default-delegates <list>', 'instead of the defaultDelegates of --config')
    .option('--capability-args <json>', 'laid over the runtimeConfig of --config')

/** The options with which `plan` tells what the ip runner would do. */
export const addDryRunOptions = (command: Command): Command =>
  command
    .optionsGroup('The ip runner:')
    .addOption(
      new Option('--runner <runner>', 'tell which plugins need their binary, and why').choices([
        'ip',
      ]),
    )
    .option('--container-id <id>', 'with -o commands: names on the node follow from it')
    .option('--netns <path>', "with -o commands: the container's network namespace")

/** A plan that was made before. */
export const savedPlanOption = (): Option =>
  new Option(
    '--plan <file>',
    'printed by `metacni plan -o json`; - is stdin. Refused when inputs are\ngiven beside it and lead to another plan',
  )

/** The options that name a container and what its plugins are told. */
export const addSandboxOptions = (command: Command): Command =>
  command
    .optionsGroup('The container:')
    .requiredOption('--container-id <id>', 'its id')
    .option('--cni-args <pairs>', 'CNI_ARGS of every plugin: K=V;K=V')

/** The options that say on what a plan is carried out. */
export const addStateOptions = (command: Command, binDir: string): Command =>
  command
    .optionsGroup('The node:')
    .addOption(repeatable('--bin-dir <dir>', binDir))
    .addOption(stateDirOption())
    .addOption(
      new Option(
        '--timeout <seconds>',
        'how long one plugin may take\n(default: the timeout of --config, else 60)',
      ).argParser(parseSeconds),
    )
    .addOption(
      new Option(
        '--runner <runner>',
        'plugin binaries, ip commands where they can, or a simulated node',
      ).choices(['exec', 'ip', 'memory']),
    )
    .addOption(recordOption())

/** Where what an engine does is written down. */
export const recordOption = (): Option =>
  new Option(
    '--record <file>',
    'append what plugins and records were asked and answered, secrets masked,\nfor `metacni replay`',
  ).argParser(parseFile)

/** Which attachments GC must keep. Required: without a list everything would be stale. */
export const validAttachmentsOption = (): Option =>
  new Option(
    '--valid-attachments <file>',
    'what must stay: [{"containerID": "...", "ifname": "eth0"}], JSON; - is stdin',
  ).makeOptionMandatory()
