/** Decides how the pod comes from a manifest file instead of the API server. The YAML parser is loaded when it is read. */
import { at, failure } from '../../lib/cni/problem.js'
import type { PodSource } from '../../lib/ports/index.js'
import { readFileBounded } from '../node/bounded-read.js'

/** A PodSource on a manifest file, 1 MiB at most, read anew every time. With several pods in it, the one asked for. */
export const createManifestPodSource = (file: string): PodSource => ({
  read: async (wanted) => {
    const read = readFileBounded(file)
    if (!read.ok) {
      return {
        ok: false,
        problems: [failure('bad-pod', at(file), `cannot be read: ${read.message}`)],
      }
    }
    const { parsePodManifest } = await import('./pod-manifest.js')
    return parsePodManifest(read.text, file, wanted)
  },
})
