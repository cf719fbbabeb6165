/**
 * Decides how commands of the ip runner are made to fail without its help: a PATH in which `ip` and iptables are scripts
 * that count what they are told, the lines of a batch one by one, and refuse the n-th (clean-failure.ts).
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Runner } from '../../lib/ports/index.js'
import { type FailingEngine, words } from './clean-failure.js'

/** How a runner is made whose programs are looked for in this PATH. */
export type MakeRunner = (path: string) => Runner

const tables = ['iptables', 'ip6tables'].flatMap((name) =>
  ['', '-save', '-restore'].map((end) => name + end),
)

// Two programs may count at once: the host's and the container's.
const counting = (folder: string, n: number): string => `
count() {
  number=$(flock ${folder}/count sh -c 'read -r n < ${folder}/count; echo $((n + 1)) > ${folder}/count; echo $((n + 1))')
  [ "$number" -ne ${n} ] || { echo "$1" > ${folder}/failed; echo '${words}' >&2; return 1; }
}`

const path = process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin'

/** \`ip\`: each line of a batch is a command of its own; anything else is one command. */
const ipScript = (folder: string, n: number): string => `#!/bin/sh
PATH='${path}'
${counting(folder, n)}
case " $* " in
*' -batch '*) ;;
*) count "ip $*" || exit 2; exec ip "$@" ;;
esac
at=0
while IFS= read -r line; do
  at=$((at + 1))
  [ -n "$line" ] || continue
  if ! count "ip $line" || ! ip -json -details $line </dev/null; then
    echo "Command failed -:$at" >&2
    exit 1
  fi
done
exit 0
`

const plainScript = (folder: string, n: number, name: string): string => `#!/bin/sh
PATH='${path}'
${counting(folder, n)}
count "${name} $*" || exit 1
exec ${name} "$@"
`

/** The ip runner as an engine whose commands can be made to fail. */
export const failingIp = (make: MakeRunner): FailingEngine => ({
  whole: make(path),
  failAt: (n) => {
    const folder = mkdtempSync('/run/parity-')
    mkdirSync(join(folder, 'bin'))
    const write = (name: string, text: string): void => {
      writeFileSync(join(folder, 'bin', name), text)
      chmodSync(join(folder, 'bin', name), 0o755)
    }
    writeFileSync(join(folder, 'count'), '0\n')
    write('ip', ipScript(folder, n))
    for (const name of tables) write(name, plainScript(folder, n, name))
    const runner = make(`${join(folder, 'bin')}:${path}`)
    const failed = join(folder, 'failed')
    return {
      run: (call, signal) => runner.run(call, signal),
      failed: () => (existsSync(failed) ? readFileSync(failed, 'utf8').trim() : undefined),
    }
  },
})
