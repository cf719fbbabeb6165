/** Decides what of a Markdown page the tests look at: headings, links, and blocks of code with what they are meant to be. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The project's folder, with a slash at its end. */
export const project = fileURLToPath(new URL('../..', import.meta.url))

/** The pages that are held to what they say. */
export const pages: readonly string[] = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  'examples/tke/README.md',
  ...readdirSync(`${project}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** A fenced block. */
export interface Block {
  /** `docs/embed.md:12`. */
  readonly place: string
  /** What follows the opening fence: `ts`, `sh run`. */
  readonly info: string
  readonly text: string
  /** Whether only blank lines stand between it and the block before. */
  readonly isAdjacent: boolean
}

/** A page, taken apart. */
export interface Page {
  readonly file: string
  readonly blocks: readonly Block[]
  readonly headings: readonly { readonly level: number; readonly text: string }[]
  /** Everything outside of blocks, as it stands. */
  readonly prose: string
}

/** Reads a page of the project. */
export const readPage = (file: string): Page => {
  const blocks: Block[] = []
  const headings: { level: number; text: string }[] = []
  const prose: string[] = []
  let open: { place: string; info: string; lines: string[]; isAdjacent: boolean } | undefined
  let isAdjacent = false
  for (const [index, line] of readFileSync(`${project}${file}`, 'utf8').split('\n').entries()) {
    if (open !== undefined) {
      if (line !== '```') open.lines.push(line)
      else {
        const { place, info, lines } = open
        blocks.push({ place, info, text: `${lines.join('\n')}\n`, isAdjacent: open.isAdjacent })
        open = undefined
        isAdjacent = true
      }
    } else if (line.startsWith('```')) {
      open = { place: `${file}:${index + 1}`, info: line.slice(3), lines: [], isAdjacent }
    } else {
      if (line.trim() !== '') isAdjacent = false
      const heading = /^(#+) (.+)$/.exec(line)
      if (heading !== null)
        headings.push({ level: heading[1]?.length ?? 0, text: heading[2] ?? '' })
      prose.push(line)
    }
  }
  if (open !== undefined) throw new Error(`${open.place}: this block has no end`)
  return { file, blocks, headings, prose: prose.join('\n') }
}

/** The block that a block's output stands in: the next one, when it is `text` or `json` and nothing is between. */
export const outputOf = (page: Page, block: Block): Block | undefined => {
  const next = page.blocks[page.blocks.indexOf(block) + 1]
  return next?.isAdjacent && /^(text|json|yaml)$/.test(next.info) ? next : undefined
}
