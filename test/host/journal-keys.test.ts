import * as assert from 'uvu/assert'
import { containerKey, ifnameOf, recordName } from '../../runners/host/journal-keys.js'
import { describe } from '../suite.js'

const plain = /^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/

describe('the folder name of a container', (it) => {
  it('is its id when that is valid and at most 128 characters long', async () => {
    for (const id of ['c1', 'A', '0.a_b-c', 'x'.repeat(128), 'sha256-abc']) {
      assert.is(await containerKey(id), id)
    }
  })

  it('is a recognisable hash of everything else, and no valid id is one', async () => {
    const strange = [
      'x'.repeat(129),
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'a\0',
      '_a',
      '.metacni',
      'ü',
      '-a',
    ]
    const keys = await Promise.all(strange.map(containerKey))
    for (const key of keys) assert.match(key, /^_sha256-[0-9a-f]{64}$/)
    assert.is(new Set(keys).size, strange.length)
    // printf a/b | sha256sum
    assert.is(
      await containerKey('a/b'),
      '_sha256-c14cddc033f64b9dea80ea675cf280a015e672516090a5626781153dc68fea11',
    )
    assert.match(await containerKey('_sha256-00'), /^_sha256-[0-9a-f]{64}$/)
  })
})

describe('the file name of a record', (it) => {
  const names = [
    'eth0',
    'eth0.100',
    'net1',
    '',
    '.',
    '..',
    '...',
    '../x',
    'a/b',
    '\0',
    'ü',
    '_x',
    '_hex-00',
    'a:b',
    'eth0.json',
    '-',
    '%',
    '😀',
  ]

  it('can be read again, is plain, and is another one for every name', () => {
    for (const ifname of names) {
      const name = recordName(ifname) ?? ''
      assert.match(name, plain)
      assert.is(ifnameOf(name), ifname)
    }
    assert.is(new Set(names.map(recordName)).size, names.length)
    assert.is(recordName('eth0'), 'eth0.json')
  })

  it('does not exist for what no interface can be called', () => {
    for (const ifname of ['x'.repeat(101), '\ud800']) assert.is(recordName(ifname), undefined)
  })

  it('is told from every other file', () => {
    for (const name of [
      'eth0',
      'eth0.json.corrupt',
      '.eth0.json.1-0.tmp',
      'a b.json',
      '_hex-6.json',
      '_hex-65.JSON',
      '_hex-C3BC.json',
      '_hex-657468.json',
    ]) {
      assert.is(ifnameOf(name), undefined, name)
    }
  })
})
