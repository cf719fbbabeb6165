/**
 * Decides when a handler will not answer any more: nothing is left to wait for, or an error was caught by nobody. Refuses
 * to let a process end in silence then, which a runtime takes for success; others who listen to errors go first.
 */
import { failed, type PluginResponse, thrown } from '../../lib/cni/plugin-response.js'
import { versionOrDefault } from '../../lib/cni/version.js'
import { inputVersion } from '../../lib/cni/version-verdict.js'
import { reserveStdout } from './reserved-stdout.js'

/** Says that a handler is about to be asked: for which verb, by which stdin. */
export type Begin = (verb: string, stdin: string) => void

/**
 * The response, or code 999 where it is lost. From `begin` on errors that nobody catches are looked for, and stdout is
 * reserved; both end with the response. Never rejects.
 */
export const answerOrLoss = (
  respond: (begin: Begin) => Promise<PluginResponse>,
): Promise<PluginResponse> =>
  new Promise((resolve) => {
    let request = { verb: '', stdin: '' }
    let giveBack: (() => void) | undefined
    const end = (response: PluginResponse): void => {
      process.off('beforeExit', onDry)
      process.off('uncaughtException', onUncaught)
      giveBack?.()
      giveBack = undefined
      resolve(response)
    }
    const lose = (error: unknown, stderr = ''): void => {
      const version = versionOrDefault(inputVersion(request.stdin))
      end({ ...failed(thrown(error), version), stderr })
    }
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
    const begin: Begin = (verb, stdin) => {
      request = { verb, stdin }
      process.on('beforeExit', onDry)
      process.on('uncaughtException', onUncaught)
      giveBack = reserveStdout()
    }
    const start = async (): Promise<PluginResponse> => respond(begin)
    start().then(end, lose)
  })
