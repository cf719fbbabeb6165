import { createStarter } from '../../runners/node/start.js'
import { starterSuite } from './starter-suite.js'

starterSuite(
  'a starter on node:child_process',
  createStarter,
  import.meta.resolve('../../runners/node/start.js'),
)
