import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { parseShortForm, type ShortInterfaces } from '../../lib/network/short-form.js'
import { briefly } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const read = (text: string, interfaces: ShortInterfaces = 'labels') => {
  const { selections, problems } = parseShortForm(text, 'k', interfaces)
  return {
    selected: selections
      .map(
        ({ namespace, name, interface: ifname }) =>
          (namespace === undefined ? '' : `${namespace}/`) +
          name +
          (ifname === undefined ? '' : `@${ifname}`),
      )
      .join(' '),
    problems: briefly(problems),
    messages: problems.map(({ message }) => message),
    severities: problems.map(({ severity }) => severity),
  }
}

describe('the short form (reference/tke-multus.md 1.3)', (it) => {
  it('selects [namespace/]network[@interface], separated by commas, blanks around an item ignored', () => {
    const { selected, problems } = read(' a, kube-system/b ,c@eth5,\tns/d@eth6\n')
    assert.is(selected, 'a kube-system/b c@eth5 ns/d@eth6')
    assert.is(problems, '')
  })

  it('remembers where each selection was written', () => {
    const { selections } = parseShortForm('a,b@eth1', 'key', 'labels')
    assert.equal(selections, [
      { name: 'a', source: 'key', index: 0 },
      { name: 'b', interface: 'eth1', source: 'key', index: 1 },
    ])
  })

  it('reads the items that are right beside those that are wrong, and reports every wrong one', () => {
    const { selected, problems } = read('a,B,c,,d')
    assert.is(selected, 'a c d')
    assert.is(problems, 'bad-annotation k#/1, bad-annotation k#/3')
  })

  const refused: readonly (readonly [text: string, message: string])[] = [
    ['', 'an item between commas is empty'],
    ['A', '"A" cannot be a network name'],
    ['a/b/c', '"a/b/c" has more than one /'],
    ['a@b@c', '"a@b@c" has more than one @'],
    ['ns/a@b@c', '"ns/a@b@c" has more than one @'],
    ['a@b@c/d', '"a@b@c/d": "a@b@c" cannot be a namespace'],
    ['NS/a', '"NS/a": "NS" cannot be a namespace'],
    ['a-', '"a-" cannot be a network name'],
    ['a b', '"a b" cannot be a network name'],
    ['../etc', '"../etc": ".." cannot be a namespace'],
    ['@eth1', '"@eth1": "" cannot be a network name'],
    ['ns/', '"ns/": "" cannot be a network name'],
    ['__proto__', '"__proto__" cannot be a network name'],
  ]
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text)}: ${message}`, () => {
      const { selected, messages, severities } = read(text)
      assert.is(selected, '')
      assert.equal(messages, [message])
      assert.equal(severities, ['error'])
    })
  }

  it('takes an empty namespace or interface for none, as Go does, with a warning', () => {
    for (const text of ['a@', '/a', '/a@']) {
      const { selected, problems, severities } = read(text)
      assert.is(selected, 'a', text)
      assert.is(problems, 'bad-annotation k#/0', text)
      assert.equal(severities, ['warning'], text)
    }
  })
})

describe('interface names in the short form', (it) => {
  it('are DNS-1123 labels in the fork', () => {
    for (const text of ['a@eth0.1', 'a@my_if', 'a@Net1']) {
      assert.is(read(text).problems, 'bad-annotation k#/0', text)
    }
    assert.is(read('a@north').selected, 'a@north')
  })

  it('are whatever Linux takes upstream (reference/multus-v4.md 2.3)', () => {
    assert.is(read('a@eth0.1,b@my_if,c@Net1', 'linux').selected, 'a@eth0.1 b@my_if c@Net1')
    assert.is(read('a@b@c', 'linux').problems, 'bad-annotation k#/0')
    assert.is(read('a@x y', 'linux').problems, 'bad-ifname k#/0')
  })

  it('are at most 15 bytes long', () => {
    for (const interfaces of ['labels', 'linux'] as const) {
      assert.is(read('a@fifteen-bytes-a', interfaces).selected, 'a@fifteen-bytes-a')
      const { selected, problems, messages } = read('a@sixteen-bytes-ab', interfaces)
      assert.is(selected, 'a')
      assert.is(problems, 'bad-ifname k#/0')
      assert.equal(messages, ['"sixteen-bytes-ab": interface name is longer than 15 bytes'])
    }
  })

  it('are not in the specification (attachment-spec.md 4.1.1)', () => {
    assert.equal(read('a@eth1', 'none').messages, [
      '"a@eth1": the specification knows no @interface',
    ])
    assert.is(read('a@', 'none').problems, 'bad-annotation k#/0')
    assert.equal(read('/a', 'none').messages, ['"/a": "" cannot be a namespace'])
    assert.is(read('ns/a', 'none').selected, 'ns/a')
  })
})

describe('the limits of the short form', (it) => {
  it('are 1024 networks', () => {
    assert.is(
      parseShortForm(Array(1024).fill('a').join(','), 'k', 'labels').selections.length,
      1024,
    )
    const { selected, problems } = read(Array(1025).fill('a').join(','))
    assert.is(selected, '')
    assert.is(problems, 'too-many-networks k#')
  })

  it('are 1 MiB, of commas as of anything else', () => {
    assert.is(read('a'.repeat(1024 * 1024 + 1)).problems, 'too-large k#')
    assert.is(read(','.repeat(1024 * 1024)).problems, 'too-many-networks k#')
  })

  it('hold for any text: nothing throws, and what is selected is what Linux and Kubernetes name', () => {
    const alphabet = fc.constantFrom('a', 'B', '0', '-', ',', '/', '@', ' ', '.', '\u00e9', ':')
    const texts = fc.oneof(fc.string(), fc.string({ unit: alphabet }))
    fc.assert(
      fc.property(texts, fc.constantFrom('labels', 'linux', 'none'), (text, interfaces) => {
        for (const { name, interface: ifname } of parseShortForm(text, 'k', interfaces)
          .selections) {
          assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
          if (ifname !== undefined) assert.ok(new TextEncoder().encode(ifname).length <= 15)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
