/** Decides what is different between two JSON values: the places, as JSON Pointers. Refuses to take key order for meaning. */
import { isObject } from './json.js'

/** Another value at a JSON Pointer (RFC 6901). `before` or `after` is missing where there is none. */
export interface JsonChange {
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

/** Every difference between two JSON values; arrays are compared place by place, and an undefined key is an absent one. */
export const jsonChanges = (before: unknown, after: unknown): readonly JsonChange[] => {
  const changes: JsonChange[] = []
  compareInto(changes, before, after, '')
  return changes
}

const compareInto = (
  changes: JsonChange[],
  before: unknown,
  after: unknown,
  path: string,
): void => {
  if (before === after) return
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const own = (object: typeof before) => (Object.hasOwn(object, key) ? object[key] : undefined)
      const step = key.replaceAll('~', '~0').replaceAll('/', '~1')
      compareInto(changes, own(before), own(after), `${path}/${step}`)
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compareInto(changes, before[index], after[index], `${path}/${index}`)
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) {
    changes.push({
      path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    })
  }
}
