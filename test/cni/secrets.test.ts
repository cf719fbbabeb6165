import * as assert from 'uvu/assert'
import { maskSecrets } from '../../lib/cni/secrets.js'
import { describe } from '../suite.js'

describe('masking', (it) => {
  it('hides what stands under keys that look like secrets, whatever it is', () => {
    const secrets = {
      token: 'a',
      bearerToken: 'a',
      'client-key-data': 'a',
      'certificate-authority-data': 'a',
      apiKey: 'a',
      PASSWORD: 'a',
      passwd: 7,
      clientSecret: { nested: 'a' },
      keys: ['a'],
      Authorization: 'a',
    }
    for (const [key, value] of Object.entries(maskSecrets(secrets) as object)) {
      assert.is(value, '***', key)
    }
  })

  it('leaves everything else as it was, and the value itself untouched', () => {
    const value = { name: 'n', ipam: { subnet: '10.0.0.0/8', ranges: [1, null, true] }, mtu: 1500 }
    const before = JSON.stringify(value)
    assert.equal(maskSecrets(value), value)
    assert.is(JSON.stringify(value), before)
    for (const one of ['text', 7, null, undefined, true]) assert.is(maskSecrets(one), one)
  })

  it('shows that there is no secret', () => {
    const value = { token: '', password: null, key: false }
    assert.equal(maskSecrets(value), value)
  })

  it('looks into lists, and into texts that are JSON', () => {
    const text = JSON.stringify({ token: 'hunter2', name: 'n' })
    const masked = maskSecrets({ list: [{ token: 'hunter2' }], annotation: text, deep: [[text]] })
    assert.not.match(JSON.stringify(masked), 'hunter2')
    assert.match(JSON.stringify(masked), 'n')
    assert.equal(maskSecrets({ annotation: '[not json' }), { annotation: '[not json' })
    const untouched = '{ "id": 12345678901234567890 }'
    assert.equal(maskSecrets({ annotation: untouched }), { annotation: untouched })
  })

  it('never throws: cycles, depth, getters, odd values', () => {
    const cyclic: Record<string, unknown> = { name: 'n' }
    cyclic.self = cyclic
    assert.equal(maskSecrets(cyclic), { name: 'n', self: '...' })
    let deep: unknown = 'bottom'
    for (let i = 0; i < 100_000; i++) deep = [deep]
    assert.not.match(JSON.stringify(maskSecrets(deep)), 'bottom')
    const getter = {
      get name() {
        throw new Error('boom')
      },
    }
    assert.is(maskSecrets(getter), '...')
    assert.equal(maskSecrets({ big: 1n, error: new Error('words') }), { big: '1', error: 'words' })
  })

  it('hides what texts spell out, and what follows a flag in a list of arguments', () => {
    const shown = {
      server: 'http://admin:***@host/',
      command: 'login --password *** --user a',
      args: ['--password', '***', '--user', 'a', '-u', 'admin:***', '-v', '--user', '0:0', 7],
    }
    const args = ['--password', 'a b', '--user', 'a', '-u', 'admin:a b', '-v', '--user', '0:0', 7]
    const command = 'login --password hunter2 --user a'
    assert.equal(maskSecrets({ server: 'http://admin:hunter2@host/', command, args }), shown)
    assert.equal(maskSecrets(shown), shown, 'masking twice is masking once')
    assert.is(maskSecrets(new Error('pass=hunter2')), 'pass=***')
  })

  it('takes no longer than a key is long', () => {
    const began = process.cpuUsage().user
    maskSecrets({ ['cert'.repeat(250_000)]: 'a' })
    const milliseconds = (process.cpuUsage().user - began) / 1000
    assert.ok(milliseconds < 5_000, `${milliseconds} ms`)
  })

  it('keeps a key named __proto__ a key', () => {
    const masked = maskSecrets(JSON.parse('{"__proto__":{"token":"a"}}')) as object
    assert.is(JSON.stringify(masked), '{"__proto__":{"token":"***"}}')
    assert.is(Object.getPrototypeOf(masked), Object.prototype)
  })
})
