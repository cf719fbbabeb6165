/** Decides nothing: the runners made of runners, one a file. */
export { type RecordingSink, type RecordOptions, record } from './record.js'
export { choiceOf, type RouteOptions, routeRunner } from './route.js'
export { timeout } from './timeout.js'
