import * as assert from 'uvu/assert'
import { createMask } from '../../lib/recording/mask.js'
import { describe } from '../suite.js'

const shown = (value: unknown) => createMask()(value)

describe('what a recording shows', (it) => {
  it('is no value under a secret key, and no secret that a text spells out', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['login with password=hunter2 failed', 'login with password=*** failed'],
      ['{"token": "hunter2", broken', '{"token": "***", broken'],
      ['Authorization: Bearer hunter2', 'Authorization: ***'],
      ['bearer hunter2, again', 'bearer ***, again'],
      ['http://admin:hunter2@host/', 'http://admin:***@host/'],
      ['API_TOKEN=hunter2;K8S_POD_NAME=web', 'API_TOKEN=***;K8S_POD_NAME=web'],
      ['not valid JSON: Unexpected token h, "hunter2', 'not valid JSON'],
    ]
    for (const [text, masked] of cases) {
      assert.equal(shown({ args: text }), { args: masked })
      assert.equal(shown({ args: masked }), { args: masked }, 'masking twice is masking once')
    }
    assert.equal(shown({ ipam: { apiKey: 'hunter2' } }), { ipam: { apiKey: '***' } })
  })

  it('is no secret of the configuration that a plugin repeats in its words', () => {
    const mask = createMask()
    mask({ stdin: { credentials: { user: 'a', pass: ['correct-horse'] } } })
    const said = { msg: 'correct-horse is wrong', details: 'a', stderr: 'correct-horse' }
    assert.equal(mask(said), { msg: '*** is wrong', details: 'a', stderr: '***' })
    assert.equal(mask({ name: 'correct-horse' }), { name: 'correct-horse' })
  })

  it('is no secret under a short key, nor what merely looks like one', () => {
    const stdin = {
      ...{ wifi: { ssid: 'home', wpa_psk: 'correct-horse' }, bgp: { md5: 'correct-horse' } },
      ...{ login: { user: 'a', pass: 'correct-horse', pwd: 7 }, cookie: ['correct-horse'] },
      ...{ bypass: 'on', sessionAffinity: 'ClientIP', compass: 'N', md5sum: '0123' },
      args: ['--token', 'staple-battery'],
    }
    const mask = createMask()
    assert.equal(mask({ stdin, stderr: 'staple-battery, correct-horse' }), {
      stdin: {
        ...{ wifi: { ssid: 'home', wpa_psk: '***' }, bgp: { md5: '***' } },
        ...{ login: { user: 'a', pass: '***', pwd: '***' }, cookie: '***' },
        ...{ bypass: 'on', sessionAffinity: 'ClientIP', compass: 'N', md5sum: '0123' },
        args: ['--token', '***'],
      },
      stderr: '***, ***',
    })
  })

  it('leaves names, paths and everything else as they are', () => {
    const value = {
      containerId: 'key=1',
      ifname: 'token:a',
      name: 'secret=x',
      path: ['/opt/keys:1'],
      env: { CNI_PATH: '/opt/keys:/opt/cni/bin', CNI_NETNS: '/run/key=a', CNI_IFNAME: 'eth0' },
      stdin: {
        type: 'key=a',
        mtu: 1500,
        routes: [{ dst: '0.0.0.0/0' }],
        capabilities: { key: true },
      },
    }
    assert.equal(shown(value), value)
  })

  it('takes no longer than the text is long', () => {
    const began = process.cpuUsage().user
    for (const piece of ['token', 'key ', 'bearer ', '://a', 'token-', 'secret="'])
      shown({ stderr: piece.repeat(300_000 / piece.length) })
    const milliseconds = (process.cpuUsage().user - began) / 1000
    assert.ok(milliseconds < 5_000, `${milliseconds} ms`)
  })
})
