/** Decides what is promised of a pod's manifest, which is YAML: with anchors, tags and several documents. */
import * as assert from 'uvu/assert'
import { parsePodManifest } from '../../../runners/host/pod-manifest.js'
import { growingJson, repeated } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { prints } from './common.js'

/** Each anchor holds the one before it ten times. */
const aliases = (length: number): string => {
  const line = (index: number): string =>
    `a${index}: &a${index} [${Array(10)
      .fill(`*a${index - 1}`)
      .join(',')}]\n`
  let text = 'a0: &a0 [x]\n'
  for (let index = 1; text.length < length; index++) text += line(index)
  return text
}

export const manifest: Decoder = {
  name: 'pod manifest',
  samples: samples.manifests,
  isJson: false,
  pieces: [
    ...['apiVersion: v1\n', 'kind: Pod\n', 'kind: List\n', 'metadata:\n', '  annotations:\n'],
    ...['  name: web\n', '    tke.cloud.tencent.com/networks: front\n', 'items:\n', '- ', '---\n'],
    ...[
      '&a ',
      '*a',
      '<<: *a\n',
      '? ',
      ': ',
      '| \n',
      '>-\n',
      '!!binary ',
      '!!set ',
      '!',
      '%YAML 1.1\n',
    ],
    ...[
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      '\t',
      '#',
      '~',
      '2001-01-01',
      '0o7',
      '.inf',
      '__proto__: 1\n',
    ],
  ],
  run: (text) => {
    const read = parsePodManifest(text, 'input')
    if (!read.ok) {
      assert.ok(read.problems.length > 0)
      for (const { code, path } of read.problems) {
        assert.is(code, 'bad-pod')
        assert.ok(path.startsWith('input'))
      }
      return
    }
    prints(read)
    for (const value of Object.values(read.pod?.annotations ?? {})) assert.type(value, 'string')
  },
  growth: {
    ...growingJson,
    documents: repeated('', 'kind: Pod\n', '', '---\n'),
    pods: repeated('kind: List\nitems:\n', '- kind: Pod\n', ''),
    annotations: repeated('kind: Pod\nmetadata:\n  annotations:\n', '    a#: "b"\n', ''),
    'annotations that are none': repeated(
      'kind: Pod\nmetadata:\n  annotations:\n',
      '    a#: #\n',
      '',
    ),
    aliases,
    anchors: repeated('', 'a#: &a# x\n', ''),
    'the same anchor': repeated('x: &a 1\n', 'a#: *a\n', ''),
    merges: repeated('x: &a {b: 1}\n', 'a#: {<<: *a}\n', ''),
    dashes: repeated('', '- ', 'x'),
    indents: (length) =>
      Array.from(
        { length: Math.floor(Math.sqrt(length * 2)) },
        (_, n) => `${' '.repeat(n)}a:\n`,
      ).join(''),
    comments: repeated('', '# x\n', 'kind: Pod\n'),
    'a block text': repeated('a: |\n', '  x\n', ''),
    tags: repeated('', '!a', ' x'),
  },
}
