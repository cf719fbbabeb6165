import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import {
  type CachedAttachment,
  cacheFileName,
  decodeCached,
  decodeCachedAt,
  encodeCached,
} from '../../lib/cni/cache.js'
import { describe } from '../suite.js'

/** A file as libcni writes it: its field names, `config` in base64 (reference/cni.md 2.8). */
const written = {
  kind: 'cniCacheV1',
  containerId: 'c1',
  config: 'eyJuYW1lIjoiYSIsInR5cGUiOiJicmlkZ2UifQ==',
  ifName: 'eth0',
  networkName: 'a',
  netns: '/run/netns/c1',
  cniArgs: [['K8S_POD_NAME', 'web']],
  capabilityArgs: { portMappings: [{ hostPort: 80 }] },
  result: { cniVersion: '0.4.0', ips: [], dns: {} },
}
const attachment: CachedAttachment = {
  containerId: 'c1',
  ifname: 'eth0',
  networkName: 'a',
  netns: '/run/netns/c1',
  cniArgs: [['K8S_POD_NAME', 'web']],
  capabilityArgs: { portMappings: [{ hostPort: 80 }] },
  config: '{"name":"a","type":"bridge"}',
  result: { cniVersion: '0.4.0', ips: [], dns: {} },
}
const bare = { containerId: 'c1', ifname: 'eth0', networkName: 'a', config: '{}' }

const messageOf = (value: unknown): string => {
  const decoded = decodeCached(value)
  return E.isLeft(decoded) ? decoded.left : 'it was read'
}

describe('a file of the result cache (reference/cni.md 2.8)', (it) => {
  it('has the fields of libcni, and is read from them', () => {
    assert.equal(encodeCached(attachment), written)
    assert.equal(decodeCached(written), E.right(attachment))
  })

  it('leaves out what is empty: netns, cniArgs, capabilityArgs, result', () => {
    const encoded = encodeCached({ ...bare, netns: '', cniArgs: [], capabilityArgs: {} })
    assert.equal(Object.keys(encoded), ['kind', 'containerId', 'config', 'ifName', 'networkName'])
    assert.equal(encodeCached(bare), encoded)
    assert.equal(decodeCached(encoded), E.right(bare))
  })

  it('bears the request that it was made for, under a key that libcni does not read', () => {
    const request = { ifname: 'eth0', position: 2 }
    const encoded = encodeCached({ ...bare, request })
    assert.equal(encoded.metacni, { ifName: 'eth0', position: 2 })
    assert.equal(decodeCached(encoded), E.right({ ...bare, request }))
  })

  it('has no configuration where libcni wrote null for it: that of a list built in code', () => {
    const { config: _, ...rest } = written
    const decoded = decodeCached({ ...rest, config: null })
    assert.equal(E.isRight(decoded) && decoded.right, { ...attachment, config: '' })
  })

  it('is of nobody’s request where our own key has another shape, and is read all the same', () => {
    for (const metacni of [7, 'x', [], {}, { ifName: 'eth0' }, { ifName: 'eth0', position: 'x' }])
      assert.equal(decodeCached({ ...encodeCached(bare), metacni }), E.right(bare))
  })

  it('takes null for absent, as Go does', () => {
    const nulls = { netns: null, cniArgs: null, capabilityArgs: null, result: null, metacni: null }
    assert.equal(decodeCached({ ...encodeCached(bare), ...nulls }), E.right(bare))
  })

  it('keeps keys of the result that nobody knows', () => {
    const decoded = decodeCached({ ...written, result: { more: [1] } })
    assert.equal(E.isRight(decoded) && decoded.right.result, { more: [1] })
  })

  it('is none when its kind, a name or its config is missing or of a wrong type', () => {
    const wrong: readonly (readonly [unknown, string])[] = [
      [null, 'cache#'],
      [[], 'cache#'],
      ['x', 'cache#'],
      [{ cniVersion: '0.4.0', ips: [] }, 'cache#/kind'],
      [{ ...written, kind: 'cniCacheV2' }, 'cache#/kind'],
      [{ ...written, containerId: 1 }, 'cache#/containerId'],
      [{ ...written, config: undefined }, 'cache#/config'],
      [{ ...written, cniArgs: [['a']] }, 'cache#/cniArgs'],
      [{ ...written, capabilityArgs: [] }, 'cache#/capabilityArgs'],
      [{ ...written, result: 'x' }, 'cache#/result'],
      [{ ...written, config: 'no base64' }, 'base64'],
    ]
    for (const [value, message] of wrong) assert.match(messageOf(value), message)
  })

  it('is none when a name of it cannot be one: names become file names (X-20)', () => {
    for (const names of [
      { containerId: '../c1' },
      { containerId: '' },
      { ifName: 'a/b' },
      { ifName: '' },
      { networkName: '' },
      { networkName: '..' },
      { networkName: 'a/b' },
    ]) {
      assert.is(messageOf({ ...written, ...names }), 'its names are none')
    }
  })
})

describe('the name of a cache file', (it) => {
  it('is network, container and interface, joined (reference/cni.md 2.8)', () => {
    const key = { networkName: 'a-b', containerId: 'c1', ifname: 'eth0' }
    assert.is(cacheFileName(key), 'a-b-c1-eth0')
  })

  it('does not exist for what would leave the directory', () => {
    const key = { networkName: 'a', containerId: 'c1', ifname: 'eth0' }
    for (const wrong of [{ networkName: '../a' }, { containerId: 'a/b' }, { ifname: '..' }]) {
      assert.is(cacheFileName({ ...key, ...wrong }), undefined)
    }
  })
})

describe('a file that was found under a name (reference/cni.md 2.8)', (it) => {
  const key = { containerId: 'c1', ifname: 'eth0', networkName: 'a' }

  it('is what its fields say, when they say the same', () => {
    assert.equal(decodeCachedAt(written, key), E.right(attachment))
  })

  it('is another attachment’s when they do not: a name is ambiguous (X-20)', () => {
    for (const other of [{ containerId: 'c' }, { ifname: 'eth1' }, { networkName: 'a-c1' }])
      assert.equal(
        decodeCachedAt(written, { ...key, ...other }),
        E.left('it is of another attachment'),
      )
  })

  it('may be a bare result, as early versions of libcni wrote it; it has no configuration', () => {
    const result = { cniVersion: '0.4.0', ips: [], dns: {} }
    assert.equal(decodeCachedAt(result, key), E.right({ ...key, config: '', result }))
  })

  it('of another kind is none', () => {
    for (const value of [{ kind: 'cniCacheV2' }, { ...written, kind: '' }, null, [], 'x', 1])
      assert.ok(E.isLeft(decodeCachedAt(value, key)), JSON.stringify(value))
  })
})
