/**
 * Decides when a handler will not answer any more: nothing is left to wait for, an error was caught by nobody, or it has
 * ended the process. Refuses to let that happen in silence, which a runtime takes for success; others who listen go first.
 */
import { failed, type PluginResponse, thrown } from '../../lib/cni/plugin-response.js'
import { versionOrDefault } from '../../lib/cni/version.js'
import { inputVersion } from '../../lib/cni/version-verdict.js'
import { reserveStdout } from './reserved-stdout.js'

/** Says that a handler is about to be asked: for which verb, by which stdin. */
export type Begin = (verb: string, stdin: string) => void

/**
 * Gives the response to `answer`, or code 999 where it is lost: once, and at once, since a process that ends waits for
 * nobody. From `begin` on errors that nobody catches and the end of the process are looked for, and stdout is reserved; all
 * of that ends with the response. `answer` says the exit code; a process that ends already gets it. Never rejects.
 */
export const answerOrLoss = (
  respond: (begin: Begin) => Promise<PluginResponse>,
  answer: (response: PluginResponse) => number,
): Promise<void> =>
  new Promise((resolve) => {
    let request = { verb: '', stdin: '' }
    let giveBack: (() => void) | undefined
    let isAnswered = false
    const close = (response: PluginResponse): number => {
      isAnswered = true
      process.off('beforeExit', onDry)
      process.off('uncaughtException', onUncaught)
      process.off('exit', onExit)
      giveBack?.()
      giveBack = undefined
      return answer(response)
    }
    const end = (response: PluginResponse): void => {
      if (isAnswered) return
      process.exit(close(response))
      resolve()
    }
    const lossOf = (error: unknown): PluginResponse =>
      failed(thrown(error), versionOrDefault(inputVersion(request.stdin)))
    const lose = (error: unknown, stderr = ''): void => end({ ...lossOf(error), stderr })
    let isDry = false
    // Not at once: another listener may set the handler going again. Then what it has begun comes first.
    const onDry = (): void => {
      const message = `the ${request.verb} handler never answered, and nothing is left to wait for`
      if (isDry) lose(message)
      else setImmediate(() => {})
      isDry = !isDry
    }
    // A rejection that nobody handles arrives here, too, unless somebody listens to those.
    const onUncaught = (error: unknown): void => {
      if (process.listenerCount('uncaughtException') > 1) return
      lose(error, error instanceof Error ? `${error.stack}\n` : '')
    }
    // First of those who listen for the end, since any of them may end it at once. What exit code they set is theirs.
    const onExit = (code: number): void => {
      const message = `the ${request.verb} handler ended the process with exit code ${code}, and no answer`
      process.exitCode = close(lossOf(message))
    }
    const begin: Begin = (verb, stdin) => {
      request = { verb, stdin }
      process.on('beforeExit', onDry)
      process.on('uncaughtException', onUncaught)
      process.prependListener('exit', onExit)
      giveBack = reserveStdout()
    }
    const start = async (): Promise<PluginResponse> => respond(begin)
    start().then(end, lose)
  })
