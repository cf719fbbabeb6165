/**
 * Decides how a program is started with execa: every option explicit, nothing of our environment leaks, a group of
 * its own. Refuses execa's ways to end a program, which reach the direct child alone.
 */
import { execa } from 'execa'
import { awaitEnding, defaultPatience } from '../node/process-group.js'
import { collect, type Starter, startErrorOf, stderrLimit, unstarted } from '../node/start.js'
import { createStop } from '../node/stop.js'

/** A Starter on execa 9. `patience`: milliseconds that a killed group may take to die. */
export const createExecaStarter =
  (patience: number = defaultPatience): Starter =>
  async (program) => {
    if (program.signal.aborted) return { ...unstarted, aborted: true }
    const stop = createStop(program.signal)
    try {
      const child = launch(program)
      // execa ends the reading when its buffer is full, but not the program.
      let room = program.limitBytes
      child.stdout.on('data', (chunk: Buffer) => {
        room -= chunk.length
        if (room < 0) stop.overflow()
      })
      const stderr = collect(child.stderr, stderrLimit)
      if (child.pid === undefined) {
        const { code = 'UNKNOWN', originalMessage } = await child
        return { ...unstarted, startError: { code, message: originalMessage ?? 'not started' } }
      }
      const ending = await awaitEnding(child.pid, child, stop.requested, patience)
      const result = ending.kind === 'unkillable' ? undefined : ending.value
      if (result === undefined) release(child)
      return {
        started: true,
        exitCode: result?.exitCode,
        signal: result?.signal,
        stdout: Buffer.from(result?.stdout ?? []).toString('utf8'),
        stderr: stderr(),
        startError: undefined,
        overflow: stop.reason() === 'overflow',
        aborted: stop.reason() === 'aborted' && ending.kind !== 'ended',
        unkillable: result === undefined,
      }
    } catch (error) {
      // execa throws for options that it refuses, and when the working directory is gone; both before it starts.
      return { ...unstarted, startError: startErrorOf(error) }
    } finally {
      stop.release()
    }
  }

// The options stay inline: execa's types read them. encoding `buffer` makes maxBuffer count bytes.
const launch = ({ file, args = [], env, stdin, limitBytes }: Parameters<Starter>[0]) =>
  execa(file, args, {
    env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    detached: true,
    cleanup: false,
    preferLocal: false,
    shell: false,
    input: stdin,
    encoding: 'buffer',
    maxBuffer: { stdout: limitBytes },
    buffer: { stdout: true, stderr: false },
    verbose: 'none',
  })

const release = (child: ReturnType<typeof launch>): void => {
  child.stdin.destroy()
  child.stdout.destroy()
  child.stderr.destroy()
  child.unref()
}
