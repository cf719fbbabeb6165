/**
 * Every block of TypeScript in the documentation is right. `ts`: a module. `ts more`: goes on with the block before it.
 * `ts run`, `ts more run`: is carried out, and the block below it is what it prints. `ts fragment`: is not compiled.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import ts from 'typescript'
import * as assert from 'uvu/assert'
import { runProgram } from '../examples/program.js'
import { describe } from '../suite.js'
import { type Block, outputOf, pages, project, readPage } from './page.js'

interface Snippet {
  readonly block: Block
  readonly text: string
  /** What it prints, when it is to be carried out. */
  readonly output?: string
}

const known = /^ts( more)?( run)?$|^ts fragment$/

const snippets: readonly Snippet[] = pages.flatMap((file) => {
  const page = readPage(file)
  const found: Snippet[] = []
  for (const block of page.blocks) {
    if (block.info.split(' ')[0] !== 'ts' || block.info === 'ts fragment') continue
    const before = block.info.includes(' more') ? (found.at(-1)?.text ?? '') : ''
    const output = block.info.endsWith(' run') ? (outputOf(page, block)?.text ?? '') : undefined
    const snippet = { block, text: before + block.text }
    found.push(output === undefined ? snippet : { ...snippet, output })
  }
  return found
})

/** The complaints of the compiler about a module at a place of the project where no file is. */
const complaintsOf = (modules: ReadonlyMap<string, string>): readonly string[] => {
  const configuration = ts.readConfigFile(`${project}tsconfig.json`, ts.sys.readFile).config
  const { options } = ts.parseJsonConfigFileContent(configuration, ts.sys, project)
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => modules.has(name) || fileExists.call(host, name)
  host.readFile = (name) => modules.get(name) ?? readFile.call(host, name)
  host.getSourceFile = (name, target, ...rest) => {
    const text = modules.get(name)
    return text === undefined
      ? getSourceFile.call(host, name, target, ...rest)
      : ts.createSourceFile(name, text, target)
  }
  const program = ts.createProgram([...modules.keys()], options, host)
  return [...modules.keys()].flatMap((name) => {
    const file = program.getSourceFile(name)
    if (file === undefined) return [`${name}: not compiled`]
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]
    return found.map(({ start, messageText }) => {
      const line = file.getLineAndCharacterOfPosition(start ?? 0).line + 1
      return `${name}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  })
}

const nameOf = ({ block }: Snippet): string =>
  `${project}.documentation-${block.place.replaceAll(/[^a-zA-Z0-9]/g, '-')}.ts`

describe('documentation: TypeScript', (it) => {
  it('is marked with words that this test knows', () => {
    for (const file of pages) {
      for (const { info, place } of readPage(file).blocks) {
        if (/^ts\b/.test(info)) assert.match(info, known, place)
      }
    }
  })

  it('compiles against the sources, by the names that users import', () => {
    assert.ok(snippets.length > 10, `only ${snippets.length} blocks were found`)
    const modules = new Map(snippets.map((one) => [nameOf(one), `${one.text}\nexport {}\n`]))
    assert.equal(complaintsOf(modules), [])
  })

  it('is known to be wrong when it is: the compiler sees the types', () => {
    const text = "import { plan } from 'metacni'\nplan({ networks: 7 })\n"
    assert.is(complaintsOf(new Map([[`${project}.documentation-wrong.ts`, text]])).length, 1)
  })

  const folder = `.cache/documentation-${process.pid}`
  for (const snippet of snippets) {
    const { output, block, text } = snippet
    if (output === undefined) continue
    it(`prints what the page shows: ${block.place}`, async () => {
      const file = `${folder}/snippet.ts`
      mkdirSync(`${project}${folder}`, { recursive: true })
      try {
        writeFileSync(`${project}${file}`, text)
        const { stdout, stderr } = await runProgram(file, { cwd: project })
        assert.is(stderr + stdout, output)
      } finally {
        rmSync(`${project}${folder}`, { recursive: true, force: true })
      }
    })
  }
})
