/** Decides nothing: the runners made of runners, one a file. */
export { timeout } from './timeout.js'
