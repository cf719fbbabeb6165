/**
 * Decides nothing: reads the folder `<name>/` beside a list, whose `.conf` files add plugins to it (reference/cni.md 2.3).
 * What cannot be read is told in the place of the text, so that the list that needs it is broken, and no other.
 */
import { readdirSync } from 'node:fs'
import type { DefinitionFile } from '../../lib/network/network.js'
import { maximumPluginFiles } from '../../lib/network/plugin-files.js'
import { readFileBounded } from '../node/bounded-read.js'

/** The files of plugins in a folder, whose path ends in a slash, by the bytes of their names; none where there is none. */
export const readPluginFolder = (folder: string): readonly DefinitionFile[] => {
  let names: readonly Buffer[]
  try {
    names = readdirSync(folder, 'buffer').filter(isPluginFile).sort(Buffer.compare)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR'
    return isAbsent ? [] : [broken(folder, `plugins cannot be listed: ${message}`)]
  }
  if (names.length > maximumPluginFiles) {
    const limit = `${maximumPluginFiles} is the limit`
    return [broken(folder, `${names.length} files of plugins are not read; ${limit}`)]
  }
  return names.flatMap((name) => {
    const source = folder + name.toString('utf8')
    const read = readFileBounded(Buffer.concat([Buffer.from(folder), name]))
    if (read.ok) return [{ source, text: read.text, isPlugin: true }]
    // As libcni: a directory is no file, whatever its name.
    return read.code === 'EISDIR' ? [] : [broken(source, `cannot be read: ${read.message}`)]
  })
}

const isPluginFile = (name: Buffer): boolean =>
  name.subarray(name.lastIndexOf('.')).toString('latin1') === '.conf'

const broken = (source: string, fault: string): DefinitionFile => ({
  ...{ source, text: '', isPlugin: true, fault },
})
