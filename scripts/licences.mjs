/** Decides what the bundled programs owe to the packages inlined in them: their licences, in full. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folders of the packages that went into a program. */
const inlined = (name) => {
  const { inputs } = JSON.parse(readFileSync(`.cache/build/${name}-cjs.json`, 'utf8'))
  return Object.keys(inputs).flatMap((path) => {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)
    return found === null ? [] : [found[1]]
  })
}

const licenceOf = (folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((path) => /^licen[cs]e/i.test(path))
  const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`
  return `${name} ${version}: ${license}${text}\n`
}

/** The licences of all packages in the programs, each once. */
export const collectLicences = (programs) => {
  const folders = new Set(programs.flatMap(({ name }) => inlined(name)))
  return [...folders]
    .filter(existsSync)
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`)
}
