/** Decides what is promised of masking: it returns, and masking twice is masking once; a replay depends on that. */
import * as assert from 'uvu/assert'
import { maskSecrets } from '../../../lib/cni/secrets.js'
import { createMask } from '../../../lib/recording/mask.js'
import { repeated } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'

export const masking: Decoder = {
  name: 'masking',
  samples: samples.words,
  isJson: false,
  pieces: [
    ...['password', 'token', '--psk', 'cookie', '-u', 'admin', 'is', 'bearer', '//', '@', '***'],
    ...['=', ':', ' ', '"', "'", '\\"', '\\', '\n', ';', '-----BEGIN PRIVATE KEY-----', '-----END'],
    ...['{"pass":"a"}', '[', '{"a":"'],
  ],
  run: (text) => {
    const value = { stdin: { a: text, list: [text, '--token', text] }, stderr: text, [text]: text }
    const once = createMask()(value)
    assert.equal(createMask()(once), once)
    const shown = maskSecrets(value)
    assert.equal(maskSecrets(shown), shown)
  },
  growth: {
    names: repeated('', 'token', ''),
    'names and blanks': repeated('', 'pass ', ''),
    signs: repeated('', 'pass=', ''),
    quotes: repeated('', 'a="', ''),
    'quotes of another kind': repeated('', 'key="\'', ''),
    'escaped quotes': repeated('', 'token=\\"', ''),
    backslashes: repeated('pwd="', '\\', ''),
    'what is said': repeated('', 'password is "', ''),
    flags: repeated('', '--token ', ''),
    logins: repeated('', '-u a', ''),
    dashes: repeated('', '-', ''),
    hosts: repeated('', '//a:', ''),
    'users of hosts': repeated('', 'a:b@', ''),
    colons: repeated('//', ':', ''),
    'private keys': repeated('', '-----BEGIN PRIVATE KEY-----', ''),
    headers: repeated('', 'cookie: ', ''),
    'capital letters': repeated('', 'PASSa', ''),
  },
}
