import { createExecaStarter } from '../../runners/exec/execa-start.js'
import { starterSuite } from '../node/starter-suite.js'

starterSuite(
  'a starter on execa',
  createExecaStarter,
  import.meta.resolve('../../runners/exec/execa-start.js'),
)
