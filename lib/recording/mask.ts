/**
 * Decides what of an operation a recording may show. Values under secret keys are masked everywhere, texts where they
 * spell a secret out. Refuses to change names: by them an operation is gone through again, and they hold no secrets.
 */
import { isObject } from '../cni/json.js'
import { maskSpelledOut } from '../cni/secret-texts.js'
import { mask, maskWith } from '../cni/secrets.js'

/** Masks the parts of one operation. What it has masked once it also masks in later messages. Masking twice is masking once. */
export type Mask = (value: unknown) => unknown

/** How deep a part of an operation is looked into: a configuration stands some levels deep in a record. */
export const deepestPart = 80

/** A Mask for one operation. */
export const createMask = (): Mask => {
  const secrets = new Set<string>()
  const onSecret = (value: unknown): void => collect(value, secrets)
  const showText = (text: string, key: string): string => {
    if (names.has(key)) return text
    const shown = maskSpelledOut(text)
    if (!messages.has(key)) return shown
    return [...secrets].reduce((rest, secret) => rest.replaceAll(secret, mask), shown)
  }
  return (value) => maskWith(value, { deepest: deepestPart, onSecret, showText })
}

/** Keys of names and paths, which are compared and looked up. */
const names: ReadonlySet<string> = new Set([
  ...['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_NETNS', 'CNI_PATH', 'CNI_COMMAND'],
  ...['containerId', 'containerID', 'ifname', 'netns', 'path', 'type', 'name', 'network'],
])

/** Keys of what plugins and disks say in words. */
const messages: ReadonlySet<string> = new Set(['msg', 'details', 'message', 'stderr', 'stdout'])

/** A shorter one would be found in half of all messages. */
const shortest = 8
const most = 1000

const collect = (value: unknown, secrets: Set<string>): void => {
  const waiting = [value]
  while (waiting.length > 0 && secrets.size < most) {
    const one = waiting.pop()
    if (typeof one === 'string' && one.length >= shortest) secrets.add(one)
    else if (Array.isArray(one)) for (const inner of one) waiting.push(inner)
    else if (isObject(one)) for (const inner of Object.values(one)) waiting.push(inner)
  }
}
