/** The program `multus`: what a container runtime starts for every pod. */
import metadata from '../../package.json' with { type: 'json' }
import { servePlugin } from '../../runners/node/serve.js'
import { createMultus } from './multus.js'

void servePlugin(createMultus(process.env, metadata.version))
