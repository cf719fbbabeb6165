import * as assert from 'uvu/assert'
import { isSecretKey } from '../../lib/cni/secret-keys.js'
import { describe } from '../suite.js'

describe('the key of a secret', (it) => {
  it('has a word that means nothing else anywhere in it, in whatever case and however joined', () => {
    for (const key of [
      ...['token', 'bearerToken', 'authtoken', 'API_TOKEN', 'token-file', 'PASSWORD', 'passwd'],
      ...[
        'dbpassword',
        'passWord',
        'pass_word',
        'Passwort',
        'passphrase',
        'pass-phrase',
        'passcode',
      ],
      ...['clientSecret', 'credential', 'credentials', 'Authorization', 'bearer', 'key', 'keys'],
      ...['apikey', 'api-key', 'apiKey', 'auth_key', 'private_key', 'privatekey', 'keytab'],
      ...['certificate-authority-data', 'certData', 'client-certificate-data'],
    ])
      assert.ok(isSecretKey(key), key)
  })

  it('ends in a word that is short, as whole words go', () => {
    for (const key of [
      ...['pass', 'PASS', 'userPass', 'db_pass', 'smtp-pass', 'pass2', 'pass_1', 'userpass'],
      ...['pwd', 'adminPwd', 'adminpwd', 'pw', 'psk', 'wpa_psk', 'wpa-psk', 'wpaPsk', 'wpaPSK'],
      ...[
        'wpapsk',
        'md5',
        'bgpMD5',
        'tcp-md5',
        'md5_data',
        'sas',
        'blob_sas',
        'cookie',
        'setCookie',
      ],
      ...['cookies', 'session', 'session_id', 'sessionId', 'sessionid', 'community', 'auth'],
      ...['communityString', 'snmp_community', 'creds', 'otp', 'jwt', 'sig', 'x-amz-signature'],
    ])
      assert.ok(isSecretKey(key), key)
  })

  it('does not merely hold one, and says of the secret nothing else', () => {
    for (const key of [
      ...['bypass', 'compass', 'passthru', 'passThru', 'pass-through', 'passive', 'bypassWindow'],
      ...[
        'compassWidth',
        'passFds',
        'sessionAffinity',
        'session_timeout',
        'sessions',
        'cookieName',
      ],
      ...['md5sum', 'md5Sum', 'md5_sum', 'sasl', 'sassafras', 'communities', 'community_name'],
      ...['cwd', 'pwm', 'author', 'authority', 'authMode', 'design', 'assign', 'signal', 'config'],
      ...['name', 'type', 'mac', 'ips', 'mtu', 'master', 'subnet', 'certDir', '', '_', '__proto__'],
    ])
      assert.not.ok(isSecretKey(key), key)
  })

  it('is decided at once, however long it is', () => {
    for (const piece of ['cert', 'pass', 'P', '1', '_', 'aB', 'md5 ']) {
      isSecretKey(piece.repeat(250_000))
      isSecretKey(`${piece.repeat(250_000)}!`)
    }
  })
})
