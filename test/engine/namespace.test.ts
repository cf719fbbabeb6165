import * as assert from 'uvu/assert'
import { departure, type NamespaceAt, withoutNamespace } from '../../lib/engine/namespace.js'
import { newRecord } from '../../lib/engine/record.js'
import { describe } from '../suite.js'

const sandbox = { containerId: 'c1', netns: '/run/netns/a', ifname: 'eth0', args: '', path: [] }

describe('the namespace of a record (design promise 4; SPEC: CNI_NETNS of DEL)', (it) => {
  const cases: readonly [NamespaceAt, string | undefined, string | undefined][] = [
    [{ kind: 'same' }, undefined, 'it is the network namespace of this very process now'],
    [{ kind: 'same' }, '4:1:1', 'it is the network namespace of this very process now'],
    [
      { kind: 'same', id: '4:2:2/9' },
      '4:1:1/9',
      'it is the network namespace of this very process now',
    ],
    // Whoever meant the process's own one has said which it is.
    [{ kind: 'same', id: '4:1:1/9' }, '4:1:1/8', undefined],
    [{ kind: 'none', mounts: '9' }, '4:1:1/9', 'it is no network namespace any more'],
    // From another mount namespace the mount may not be seen; and of a record of before nobody knows.
    [{ kind: 'none', mounts: '9' }, '4:1:1/8', undefined],
    [{ kind: 'none', mounts: '9' }, undefined, undefined],
    [{ kind: 'none' }, '4:1:1', undefined],
    [{ kind: 'other', id: '4:2:2' }, '4:1:1', 'it is another network namespace now'],
    [{ kind: 'other', id: '4:1:1' }, '4:1:1', undefined],
    [{ kind: 'other', id: '4:1:1/9' }, '4:1:1/8', undefined],
    // Where one of them cannot be told, the path is believed.
    [{ kind: 'other' }, '4:1:1', undefined],
    [{ kind: 'other', id: '4:2:2' }, undefined, undefined],
    // Plugins know what a path is that nothing lies at.
    [{ kind: 'missing', message: 'ENOENT' }, '4:1:1', undefined],
  ]
  for (const [view, netnsId, reason] of cases) {
    const { kind, ...rest } = view
    const found = [kind, ...Object.values(rest)].join(' ')
    it(`${netnsId ?? 'unknown'}, found: ${found}: ${reason ?? 'stays'}`, () => {
      assert.is(departure({ ...sandbox, ...(netnsId && { netnsId }) }, view), reason)
      assert.is(departure({ ...sandbox, netns: '' }, view), undefined)
    })
  }

  it('is left out of what is undone, and nothing else is', () => {
    const plan = { version: 1, attachments: [], merge: '', resultVersion: '' } as const
    const record = newRecord(
      { ...plan, decisions: [], warnings: [] },
      { ...sandbox, netnsId: '4:1:1' },
    )
    const bare = withoutNamespace(record)
    assert.equal(bare, { ...record, sandbox: { ...record.sandbox, netns: '' } })
    assert.is(record.sandbox.netnsId, '4:1:1')
  })
})
