/** Decides nothing: the runners made of runners, one a file. */
export { type RecordingSink, type RecordOptions, record } from './record.js'
export { timeout } from './timeout.js'
