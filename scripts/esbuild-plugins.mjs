/** Decides what the programs' bundles hold: fp-ts as ES modules, and runners that are loaded late in files of their own. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'

/** `fp-ts/lib/X.js` is CommonJS, which no bundler can shake: take its twin in es6 (19 KB instead of 122 KB, 20 ms). */
export const esModules = {
  name: 'es-modules',
  setup: (build) => {
    build.onResolve({ filter: /^(fp-ts|io-ts)\/lib\// }, ({ path, kind, resolveDir }) =>
      build.resolve(path.replace('/lib/', '/es6/'), { kind, resolveDir }),
    )
  },
}

/**
 * A dynamic import of a source file in `files` (name of the built file -> source) is left to run time: its code costs
 * start-up time even where it is never called.
 */
export const late = (files) => ({
  name: 'late',
  setup: (build) => {
    const sources = new Map(Object.entries(files).map(([name, source]) => [source, name]))
    build.onResolve({ filter: /./ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === 'late') return undefined
      const found = await build.resolve(path, { kind, resolveDir, pluginData: 'late' })
      const name = sources.get(relative('.', found.path))
      return name === undefined ? undefined : { path: `./${name}.cjs`, external: true }
    })
  },
})

/** Of our own package.json a program says its version: the rest, 3 KB, would be read at every start. */
export const versionAlone = {
  name: 'version-alone',
  setup: (build) => {
    const path = resolve('package.json')
    build.onLoad({ filter: /[/\\]package\.json$/ }, (file) => {
      if (file.path !== path) return undefined
      const { version } = JSON.parse(readFileSync(path, 'utf8'))
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}

/** Keeps esbuild's account of what went into the files, for the checks that follow the build. */
export const account = (name) => ({
  name: 'account',
  setup: (build) => {
    build.onEnd(({ metafile }) => {
      if (metafile === undefined) return
      const path = `.cache/build/${name}-${build.initialOptions.format}.json`
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, JSON.stringify(metafile))
    })
  },
})
