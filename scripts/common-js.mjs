/** Decides what the CommonJS half of the library is: each built ES module once more, file by file, sharing what they share. */
import { readdirSync } from 'node:fs'
import { build } from 'esbuild'

const twins = {
  name: 'twins',
  setup: ({ onResolve }) => {
    onResolve({ filter: /./ }, ({ path, kind }) => {
      if (kind === 'entry-point') return undefined
      return { path: path.startsWith('.') ? path.replace(/\.js$/, '.cjs') : path, external: true }
    })
  },
}

/** Writes a .cjs beside every .js of dist. */
export const writeCommonJs = async () => {
  const modules = readdirSync('dist', { recursive: true }).filter((name) => name.endsWith('.js'))
  await build({
    entryPoints: modules.map((name) => `dist/${name}`),
    outdir: 'dist',
    outbase: 'dist',
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    outExtension: { '.js': '.cjs' },
    logLevel: 'warning',
    plugins: [twins],
  })
}
