/** The program `multus`: what a container runtime starts for every pod. */
import metadata from '../../package.json' with { type: 'json' }
import { servePlugin } from '../../runners/node/serve.js'
import type { Call } from './call.js'
import { createMultus } from './multus.js'
import { tellUnwritten } from './unwritten.js'

let current: Call | undefined
const plugin = createMultus(process.env, metadata.version, (call) => {
  current = call
})

void servePlugin(plugin, {
  onUnwritten: (why, response) => tellUnwritten(current, why, response),
})
