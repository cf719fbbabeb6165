/** Decides which source file each subpath of the package comes from. package.json's `exports` is the only list. */
import { readFileSync } from 'node:fs'

const sourceOf = (subpath) =>
  subpath === '.'
    ? 'lib/index.ts'
    : subpath === './fp'
      ? 'lib/fp.ts'
      : `${subpath.slice(2)}/index.ts`

/** The package.json of the folder that is built. */
export const manifest = () => JSON.parse(readFileSync('package.json', 'utf8'))

/** The subpaths with code: how each is exported, its name below dist and its source. */
export const entries = () =>
  Object.entries(manifest().exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, conditions]) => ({
      subpath,
      conditions,
      name: subpath === '.' ? 'index' : subpath.slice(2),
      source: sourceOf(subpath),
    }))

/** The programs: the name of each and its source. */
export const programs = () =>
  Object.keys(manifest().bin).map((name) => ({ name, source: `examples/${name}/index.ts` }))
