/**
 * Decides which system calls of a trace are points: those that touch disk, processes or network. Leaves out what threads
 * tell each other, memory and time.
 */

/** The calls that are traced, by what they touch. */
export const tracedCalls = {
  disk: [
    ...['openat', 'close', 'read', 'pread64', 'readlink', 'getdents64', 'lseek', 'fcntl'],
    ...['statx', 'newfstatat', 'fstat', 'access', 'faccessat2'],
    ...['write', 'writev', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'flock'],
    ...['mkdir', 'mkdirat', 'rmdir', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2'],
    ...['link', 'linkat', 'symlink', 'chmod', 'fchmod', 'fchmodat', 'utimensat'],
  ],
  processes: [
    ...['clone', 'clone3', 'fork', 'vfork', 'execve', 'wait4', 'waitid', 'kill', 'tgkill'],
    ...['setsid', 'setpgid', 'setns', 'unshare', 'pipe2', 'dup3', 'exit_group'],
  ],
  network: [
    ...['socket', 'socketpair', 'connect', 'bind', 'shutdown', 'getsockname', 'getsockopt'],
    ...['setsockopt', 'sendto', 'sendmsg', 'recvfrom', 'recvmsg'],
  ],
} as const

/** The calls by which a disk is changed: what can fail because it is full or broken. */
export const changingCalls: readonly string[] = [
  ...['openat', 'write', 'writev', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'close'],
  ...['mkdir', 'mkdirat', 'rmdir', 'unlink', 'unlinkat', 'rename', 'renameat', 'renameat2'],
]

/** What a plugin does to the world: with the rest, each would have hundreds of points that differ in nothing. */
export const pluginCalls: readonly string[] = [
  ...['sendto', 'sendmsg', 'write', 'openat', 'unlinkat', 'unlink', 'mkdirat', 'mkdir'],
  ...['renameat', 'rename', 'flock', 'setns', 'wait4', 'waitid', 'execve', 'exit_group'],
]

const all: readonly string[] = Object.values(tracedCalls).flat()

/** The option of strace that traces these calls; a call that this machine does not have is no error. */
export const traceOption = (calls: readonly string[] = all): string =>
  `trace=${calls.map((call) => `?${call}`).join(',')}`

/** One call of a trace. */
export interface TracedCall {
  /** The number of the thread; empty where one alone was traced. */
  readonly tracee: string
  readonly call: string
  /** Which call of that name on that thread, from 1. */
  readonly nth: number
  readonly text: string
}

/** The calls of what `strace -y -o` wrote, in their order. One that another thread has cut in two counts once. */
export const readTrace = (text: string): readonly TracedCall[] => {
  const counts = new Map<string, number>()
  const calls: TracedCall[] = []
  for (const line of text.split('\n')) {
    const [, tracee = '', rest = '', call] = /^(?:(\d+) +)?((\w+)\(.*)$/.exec(line) ?? []
    if (call === undefined) continue
    const key = `${tracee} ${call}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    calls.push({ tracee, call, nth, text: rest })
  }
  return calls
}

/** Whether a call touches more than this process: by eventfds and a pipe of stars its threads wake each other. */
export const isPoint = ({ text }: TracedCall): boolean =>
  !/^\w+\(\d+<(?:anon_inode:|pipe:[^>]*>, "\*")/.test(text)

/**
 * Whether a call only looks. A program that dies before it looks leaves what one leaves that dies before its next change:
 * these points are worth their time once, not for every way to die.
 */
export const isLook = ({ call, text }: TracedCall): boolean =>
  looks.includes(call) || (call === 'openat' && !isOpenForChange(text))

const looks: readonly string[] = [
  ...['read', 'pread64', 'readlink', 'getdents64', 'lseek', 'fcntl', 'statx', 'newfstatat'],
  ...['fstat', 'access', 'faccessat2', 'getsockname', 'getsockopt', 'recvfrom', 'recvmsg'],
]

const isOpenForChange = (text: string): boolean => /O_CREAT|O_WRONLY|O_RDWR/.test(text)

/** Whether a call can change what is on a disk: not the opening for reading, not what goes into a pipe. */
export const isChange = ({ call, text }: TracedCall): boolean => {
  if (!changingCalls.includes(call)) return false
  if (call === 'openat') return isOpenForChange(text)
  return !/^\w+\(\d+<(?:anon_inode|socket|pipe|UNIX|\/dev\/)/.test(text)
}
