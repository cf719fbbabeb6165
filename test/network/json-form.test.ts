import fc from 'fast-check'
import * as assert from 'uvu/assert'
import { parseJsonForm } from '../../lib/network/json-form.js'
import type { JsonKeys } from '../../lib/network/json-requests.js'
import { selectionPath } from '../../lib/network/selection.js'
import { briefly } from '../plan/fixtures.js'
import { describe } from '../suite.js'

const readText = (text: string, keys: JsonKeys = 'any') => parseJsonForm(text, 'k', keys)
const read = (value: unknown, keys: JsonKeys = 'any') => readText(JSON.stringify(value), keys)
const problemsOf = (value: unknown, keys: JsonKeys = 'any') => briefly(read(value, keys).problems)
const errorsOf = (value: unknown, keys: JsonKeys = 'any') =>
  briefly(read(value, keys).problems.filter(({ severity }) => severity === 'error'))

describe('the JSON form (reference/tke-multus.md 1.2, attachment-spec.md 4.1.2)', (it) => {
  it('selects the named networks in order and remembers where they were written', () => {
    assert.equal(read([{ name: 'a' }, { name: 'b', namespace: 'ns' }]), {
      selections: [
        { name: 'a', source: 'k', index: 0 },
        { name: 'b', namespace: 'ns', source: 'k', index: 1, spelling: {} },
      ],
      problems: [],
    })
  })

  const asks = { interface: 'north', ips: ['10.0.0.5/24'], mac: '0a:58:0a:f4:02:06' }

  it("reads the fork's spelling", () => {
    const { selections, problems } = read([
      {
        name: 'a',
        interfaceRequest: 'north',
        ipRequest: '10.0.0.5/24',
        macRequest: '0A-58-0A-F4-02-06',
      },
    ])
    assert.equal(problems, [])
    assert.equal(selections, [
      {
        name: 'a',
        ...asks,
        source: 'k',
        index: 0,
        spelling: { interface: 'interfaceRequest', ips: 'ipRequest', mac: 'macRequest' },
      },
    ])
  })

  it("reads upstream's spelling", () => {
    const { selections, problems } = read([{ name: 'a', ...asks }])
    assert.equal(problems, [])
    assert.equal(selections, [
      {
        name: 'a',
        ...asks,
        source: 'k',
        index: 0,
        spelling: { interface: 'interface', ips: 'ips', mac: 'mac' },
      },
    ])
  })

  it('reads several addresses, as a list or with commas, in canonical form', () => {
    for (const ips of [['10.0.0.5', '2001:DB8::0:5/64'], '10.0.0.5, 2001:DB8::0:5/64']) {
      assert.equal(read([{ name: 'a', ips }]).selections[0]?.ips, ['10.0.0.5', '2001:db8::5/64'])
    }
  })

  it('takes both spellings when they agree, and reports them when they do not', () => {
    assert.is(problemsOf([{ name: 'a', interfaceRequest: 'x', interface: 'x' }]), '')
    assert.is(
      problemsOf([{ name: 'a', interfaceRequest: 'x', interface: 'y' }]),
      'bad-annotation k#/0/interface',
    )
    assert.is(
      problemsOf([{ name: 'a', ips: ['10.0.0.1'], ipRequest: ['10.0.0.2'] }]),
      'bad-annotation k#/0/ips',
    )
  })

  it('takes null and the empty text for absent, as Go does', () => {
    for (const empty of [null, '']) {
      const element = { name: 'a', namespace: empty, interface: empty, ips: empty, mac: empty }
      assert.equal(read([element]).problems, [], String(empty))
      assert.is(read([element]).selections[0]?.interface, undefined)
    }
  })

  it('reports an unknown key as a warning, and selects the network', () => {
    const { selections, problems } = read([{ name: 'a', 'default-route': ['10.0.0.1'] }])
    assert.is(selections.length, 1)
    assert.is(briefly(problems), 'unknown-key k#/0/default-route')
    assert.is(problems[0]?.severity, 'warning')
  })

  it('leads from a selection to the request that it made, under the key that was written', () => {
    const [selection] = read([{ name: 'a', interfaceRequest: 'x' }]).selections
    assert.ok(selection)
    assert.is(selectionPath(selection, 'interface'), 'k#/0/interfaceRequest')
    assert.is(selectionPath(selection, 'mac'), 'k#/0')
    assert.is(selectionPath(selection), 'k#/0')
  })
})

describe('the JSON form refuses', (it) => {
  const cases: readonly (readonly [what: string, value: unknown, problems: string])[] = [
    ['a lone object', { name: 'a' }, 'bad-annotation k#'],
    ['a text', 'a', 'bad-annotation k#'],
    ['[null]', [null], 'bad-annotation k#/0'],
    [
      'a text and a list among the elements',
      ['a', ['b']],
      'bad-annotation k#/0, bad-annotation k#/1',
    ],
    ['an element without a name', [{}], 'bad-annotation k#/0/name'],
    ['an empty name', [{ name: '' }], 'bad-annotation k#/0/name'],
    ['a name that is null', [{ name: null }], 'bad-annotation k#/0/name'],
    ['a name that is a number', [{ name: 1 }], 'bad-annotation k#/0/name'],
    [
      'an interface that is a number',
      [{ name: 'a', interface: 1 }],
      'bad-annotation k#/0/interface',
    ],
    ['an address that is a number', [{ name: 'a', ips: [1] }], 'bad-annotation k#/0/ips'],
    [
      'an interface name of 16 bytes',
      [{ name: 'a', interface: 'sixteen-bytes-ab' }],
      'bad-ifname k#/0/interface',
    ],
    [
      'an interface name with a slash',
      [{ name: 'a', interfaceRequest: '../x' }],
      'bad-ifname k#/0/interfaceRequest',
    ],
    [
      'a text that is no address',
      [{ name: 'a', ips: ['10.0.0.5', '10.0.0.256'] }],
      'bad-ip-request k#/0/ips/1',
    ],
    [
      'an empty text among addresses',
      [{ name: 'a', ipRequest: '10.0.0.5,' }],
      'bad-ip-request k#/0/ipRequest',
    ],
    [
      'a hardware address of eight octets',
      [{ name: 'a', mac: '01:02:03:04:05:06:07:08' }],
      'bad-mac-request k#/0/mac',
    ],
  ]
  for (const [what, value, problems] of cases) {
    it(what, () => {
      assert.is(errorsOf(value), problems)
    })
  }

  it('a text that is no JSON, and says where', () => {
    assert.is(briefly(readText('[{"name": "a"').problems), 'bad-json k#')
  })

  it('more than 1024 networks, with one problem whatever the elements are', () => {
    assert.is(read(Array(1024).fill({ name: 'a' })).selections.length, 1024)
    assert.is(problemsOf(Array(10_000).fill({ name: 'a' })), 'too-many-networks k#')
    assert.is(briefly(readText(`[${'1,'.repeat(500_000)}1]`).problems), 'too-many-networks k#')
  })

  it('a mebibyte of brackets before it is parsed', () => {
    assert.is(briefly(readText('['.repeat(1024 * 1024)).problems), 'too-deep k#')
    assert.is(briefly(readText('['.repeat(1024 * 1024 + 1)).problems), 'too-large k#')
  })
})

describe('the keys of the specification (attachment-spec.md 4.1.2.1)', (it) => {
  it('are understood', () => {
    const element = {
      name: 'a',
      namespace: 'b',
      interface: 'c',
      ips: ['10.0.0.1'],
      mac: '0a:00:00:00:00:01',
    }
    assert.is(problemsOf([element], 'specified'), '')
  })

  it('leave no room for other reserved keys: they are refused instead of dropped', () => {
    for (const key of ['default-route', 'portMappings', 'interfaceRequest', 'ipRequest', 'Name']) {
      assert.is(
        errorsOf([{ name: 'a', [key]: '10.0.0.1' }], 'specified'),
        `unknown-key k#/0/${key}`,
        key,
      )
    }
  })

  it('leave room for private ones, which are reverse-DNS names', () => {
    const { selections, problems } = read([{ name: 'a', 'org.example.note': 1 }], 'specified')
    assert.is(selections.length, 1)
    assert.is(problems[0]?.severity, 'warning')
  })

  it('want at least one address; elsewhere an empty list asks for nothing (4.1.2.1.3)', () => {
    assert.is(errorsOf([{ name: 'a', ips: [] }], 'specified'), 'bad-ip-request k#/0/ips')
    const { selections, problems } = read([{ name: 'a', ips: [] }])
    assert.is(selections[0]?.ips, undefined)
    assert.equal(
      problems.map(({ severity }) => severity),
      ['warning'],
    )
  })
})

describe('the JSON form and strangers', (it) => {
  it('takes __proto__, constructor and prototype for keys like any other', () => {
    const text =
      '[{"name":"a","__proto__":{"interface":"x"},"constructor":{"prototype":{"mac":"y"}}}]'
    const { selections, problems } = readText(text)
    assert.is(briefly(problems), 'unknown-key k#/0/__proto__, unknown-key k#/0/constructor')
    assert.is(selections[0]?.interface, undefined)
    const nulls = readText('[{"name":"a","__proto__":{"mac":"x"},"mac":null}]')
    assert.is(nulls.selections[0]?.mac, undefined)
    assert.is(Object.keys(Object.prototype).length, 0)
    assert.is(({} as { readonly interface?: string }).interface, undefined)
  })

  it('never throws, for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('any', 'specified'), (text, keys) => {
        const { selections, problems } = readText(text, keys)
        if (problems.length === 0) assert.ok(Array.isArray(JSON.parse(text)))
        for (const { name } of selections) assert.is.not(name, '')
      }),
      { numRuns: 2000 },
    )
  })

  it('never throws, for any value under any of its keys', () => {
    const keys = [
      'name',
      'namespace',
      'interfaceRequest',
      'interface',
      'ipRequest',
      'ips',
      'macRequest',
      'mac',
      '__proto__',
    ]
    const values = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('a', 'eth1', '10.0.0.1', '10.0.0.0/8'),
    )
    const elements = fc.array(fc.dictionary(fc.constantFrom(...keys), values))
    fc.assert(
      fc.property(elements, (list) => {
        const { selections, problems } = read(list)
        const broken = new Set(problems.map(({ path }) => path.split('/')[1]))
        assert.ok(selections.length >= list.length - broken.size)
      }),
      { numRuns: 2000 },
    )
  })
})
