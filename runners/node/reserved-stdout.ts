/**
 * Decides where a handler's prints go: to stderr, as stdout is for one JSON document (reference/cni.md 1.9). Refuses to
 * load a stream for that. Not held back: descriptor 1 itself, which a child may inherit, and a stream that was kept.
 */

const toStderr = { configurable: true, enumerable: true, get: () => process.stderr }

/** Makes process.stdout and the console write to stderr until what it returns is called. */
export const reserveStdout = (): (() => void) => {
  // The console finds its stream by this key, when it first prints.
  const places: readonly (readonly [object, string])[] = [
    [process, 'stdout'],
    [console, '_stdout'],
  ]
  const found = places.map(
    ([holder, key]) => [holder, key, Object.getOwnPropertyDescriptor(holder, key)] as const,
  )
  const taken = found.filter(
    ([holder, key, before]) => before && Reflect.defineProperty(holder, key, toStderr),
  )
  return () => {
    for (const [holder, key, before = {}] of taken) Reflect.defineProperty(holder, key, before)
  }
}
