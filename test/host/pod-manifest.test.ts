import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { PodAnswer } from '../../lib/ports/index.js'
import { parsePodManifest, type WantedPod } from '../../runners/host/pod-manifest.js'
import { createManifestPodSource } from '../../runners/host/pod-source.js'
import { withDirectory } from '../fixtures/marks.js'
import { describe } from '../suite.js'

const podOf = (answer: PodAnswer) => {
  if (!answer.ok) throw new Error(answer.problems.map(({ message }) => message).join('\n'))
  return answer.pod
}
const parse = (text: string, wanted?: WantedPod) => parsePodManifest(text, 'pod.yaml', wanted)
const problemsOf = (answer: PodAnswer) => (answer.ok ? [] : answer.problems)

const pod = (name: string, annotation: string, namespace = '') =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      ...(namespace === '' ? {} : { namespace }),
      annotations: { 'example.com/networks': annotation },
    },
  })

describe('a pod manifest', (it) => {
  it('gives name, namespace and annotations of a Pod, in YAML or JSON', () => {
    const yaml = `# a pod
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
    tke.cloud.tencent.com/networks: tke-bridge,eni
    long: |
      [{"name": "a"}]
spec: {}
`
    assert.equal(podOf(parse(yaml)), {
      annotations: {
        'tke.cloud.tencent.com/networks': 'tke-bridge,eni',
        long: '[{"name": "a"}]\n',
      },
      source: 'pod.yaml',
      name: 'web',
      namespace: 'shop',
    })
    const json = podOf(parse(pod('web', 'a', 'shop')))
    assert.equal(json?.annotations, { 'example.com/networks': 'a' })
  })

  it('finds the template of what makes pods; the pod has no name yet, but a namespace', () => {
    const template = { metadata: { annotations: { a: '1' }, name: 'ignored' } }
    const kinds: readonly [string, object][] = [
      ['Deployment', { spec: { template } }],
      ['ReplicaSet', { spec: { template } }],
      ['ReplicationController', { spec: { template } }],
      ['StatefulSet', { spec: { template } }],
      ['DaemonSet', { spec: { template } }],
      ['Job', { spec: { template } }],
      ['CronJob', { spec: { jobTemplate: { spec: { template } } } }],
      ['PodTemplate', { template }],
    ]
    for (const [kind, rest] of kinds) {
      const text = JSON.stringify({ kind, metadata: { name: 'web', namespace: 'shop' }, ...rest })
      const expected = { annotations: { a: '1' }, source: 'pod.yaml', namespace: 'shop' }
      assert.equal(podOf(parse(text)), expected, kind)
    }
  })

  it('may have no annotations, no metadata, and keys named like methods', () => {
    for (const text of [
      'kind: Pod',
      'kind: Pod\nmetadata:',
      'kind: Pod\nmetadata: {annotations: null}',
    ]) {
      assert.equal(podOf(parse(text))?.annotations, {})
    }
    const odd = 'kind: Pod\nmetadata: {annotations: {__proto__: "a", constructor: "b"}}'
    assert.equal(Object.entries(podOf(parse(odd))?.annotations ?? {}), [
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
    assert.is(problemsOf(parse('kind: constructor'))[0]?.code, 'bad-pod')
  })

  it('passes over other objects', () => {
    const text = ['kind: Service\nmetadata: {name: s}', pod('web', 'a'), 'text', ''].join('\n---\n')
    assert.is(podOf(parse(text))?.name, 'web')
    assert.is(podOf(parse(text))?.source, 'pod.yaml[1]')
  })

  it('with several pods gives the one that is asked for', () => {
    const text = [pod('a', '1', 'x'), pod('b', '2', 'x'), pod('b', '3', 'y')].join('\n---\n')
    assert.is(podOf(parse(text, { name: 'a' }))?.annotations['example.com/networks'], '1')
    const wanted = { name: 'b', namespace: 'y' }
    assert.is(podOf(parse(text, wanted))?.annotations['example.com/networks'], '3')
    for (const ambiguous of [{}, { name: '' }, { name: 'b' }, { name: 'c' }, { namespace: 'x' }]) {
      const [problem] = problemsOf(parse(text, ambiguous))
      assert.is(problem?.code, 'bad-pod')
      assert.match(problem?.message ?? '', '3 pods in it')
      assert.is(problem?.path, 'pod.yaml#')
    }
  })

  it('takes a single pod whoever asks', () => {
    assert.is(podOf(parse(pod('a', '1'), { name: 'other', namespace: 'x' }))?.name, 'a')
  })

  it('finds pods in a List', () => {
    const items = [JSON.parse(pod('a', '1')), JSON.parse(pod('b', '2'))]
    const text = JSON.stringify({ kind: 'List', items })
    assert.is(podOf(parse(text, { name: 'b' }))?.annotations['example.com/networks'], '2')
    const nested = JSON.stringify({ kind: 'List', items: [{ kind: 'List', items }] })
    assert.is(problemsOf(parse(nested))[0]?.message, 'there is no pod in it')
  })

  it('refuses annotations that are no text, each at its place', () => {
    const text =
      'kind: Deployment\nspec: {template: {metadata: {annotations: {a/b: 8080, c: "fine", d: true, e: [x], f: }}}}'
    const problems = problemsOf(parse(text))
    assert.equal(
      problems.map(({ path }) => path),
      ['a~1b', 'd', 'e', 'f'].map((key) => `pod.yaml#/spec/template/metadata/annotations/${key}`),
    )
    assert.equal(
      problems.map(({ message }) => message),
      [
        'annotation "a/b" is 8080, not a text',
        'annotation "d" is true, not a text',
        'annotation "e" is a list, not a text',
        'annotation "f" is null, not a text',
      ],
    )
    assert.ok(problems.every(({ code, severity }) => code === 'bad-pod' && severity === 'error'))
  })

  it('refuses metadata and annotations of another shape, at their place', () => {
    const list = problemsOf(parse('kind: List\nitems: [{kind: Pod, metadata: [x]}]'))
    assert.is(list[0]?.path, 'pod.yaml#/items/0/metadata')
    const text = problemsOf(parse('kind: Pod\nmetadata: {annotations: text}'))
    assert.is(text[0]?.path, 'pod.yaml#/metadata/annotations')
  })

  it('refuses what is no manifest, with the reason', () => {
    for (const [text, reason] of [
      ['', 'no pod in it'],
      ['[]', 'no pod in it'],
      ['kind: Pod\n  metadata: x', 'line 1, column 7'],
      ['{"kind": "Pod"', 'line 1'],
      ['['.repeat(1_000), 'nested deeper'],
      ['x'.repeat(2 * 1024 * 1024), 'is the limit'],
    ] as const) {
      const [problem] = problemsOf(parse(text))
      assert.is(problem?.code, 'bad-pod')
      assert.match(problem?.message ?? '', reason)
    }
  })

  it('does not break on an alias that holds itself', () => {
    const answer = parse('kind: Pod\nmetadata: {annotations: {a: &a {b: *a}}}')
    assert.is(problemsOf(answer)[0]?.code, 'bad-pod')
  })
})

describe('a pod source on a manifest file', (it) => {
  it('reads the file when it is asked', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'pod.yaml')
      const source = createManifestPodSource(file)
      const missing = await source.read({ namespace: '', name: '' })
      assert.match(problemsOf(missing)[0]?.message ?? '', 'cannot be read: ENOENT')
      assert.is(problemsOf(missing)[0]?.path, `${file}#`)
      writeFileSync(file, [pod('a', '1'), pod('b', '2')].join('\n---\n'))
      const answer = await source.read({ namespace: 'default', name: 'b' })
      assert.is(podOf(answer)?.annotations['example.com/networks'], '2')
      writeFileSync(file, 'x'.repeat(1024 * 1024 + 1))
      assert.is((await source.read({ namespace: '', name: '' })).ok, false)
    }))
})
