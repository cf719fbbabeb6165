import * as assert from 'uvu/assert'
import { maskSpelledOut } from '../../lib/cni/secret-texts.js'
import { describe } from '../suite.js'

const masks = (cases: readonly (readonly [string, string])[]) => {
  for (const [text, masked] of cases) {
    assert.is(maskSpelledOut(text), masked)
    assert.is(maskSpelledOut(masked), masked, 'masking twice is masking once')
  }
}

describe('a secret that a text spells out', (it) => {
  it('follows the name of one, with a sign between them', () => {
    masks([
      ['login with password=hunter2 failed', 'login with password=*** failed'],
      ['password: hunter2', 'password: ***'],
      ['pass := hunter2, user := a', 'pass := ***, user := a'],
      ['API_TOKEN=hunter2;K8S_POD_NAME=web', 'API_TOKEN=***;K8S_POD_NAME=web'],
      ['wpa-psk=hunter2 ssid=home', 'wpa-psk=*** ssid=home'],
      ['https://host/a?sv=1&sig=hunter2&se=2', 'https://host/a?sv=1&sig=***&se=2'],
      ['url=http://host/?token=hunter2', 'url=http://host/?token=***'],
      ['neighbor 10.0.0.1 md5=hunter2', 'neighbor 10.0.0.1 md5=***'],
    ])
  })

  it('stands in quotes, whole', () => {
    masks([
      ['password="correct horse" user="a"', 'password="***" user="a"'],
      ['pwd=\'it is "so"\', a', "pwd='***', a"],
      ['{"token": "hunter2", broken', '{"token": "***", broken'],
      ['{"pass": "a\\"b\\\\", "c": 1, broken', '{"pass": "***", "c": 1, broken'],
      ['sent "{\\"psk\\":\\"a\\\\\\"b\\",\\"c\\":1}"', 'sent "{\\"psk\\":\\"***\\",\\"c\\":1}"'],
      ['{"token": "hunter2\nnext line', '{"token": "***\nnext line'],
      ['token=""', 'token=""'],
    ])
  })

  it('is said in words', () => {
    masks([
      ['password is "hunter2"', 'password is "***"'],
      ["the token was 'hunter2', not b", "the token was '***', not b"],
      ['invalid password "hunter2" for a', 'invalid password "***" for a'],
    ])
  })

  it('is an argument of a command line', () => {
    masks([
      ['run --password hunter2 --user a', 'run --password *** --user a'],
      ['run --password=hunter2', 'run --password=***'],
      ['run --api-key "a b" -v', 'run --api-key "***" -v'],
      ['curl -u admin:hunter2 host', 'curl -u admin:*** host'],
      ['curl -uadmin:hunter2 host', 'curl -uadmin:*** host'],
      ['curl --user "admin:a b" host', 'curl --user "admin:***" host'],
      [
        "curl --proxy-user=admin:hunter2 -H 'Cookie: a=b; c=d' host",
        "curl --proxy-user=admin:*** -H 'Cookie: ***' host",
      ],
    ])
  })

  it('is in a header, to its end', () => {
    masks([
      ['Authorization: Bearer hunter2', 'Authorization: ***'],
      ['Authorization: Digest username="a"', 'Authorization: ***"a"'],
      ['Set-Cookie: sid=hunter2; Path=/\nDate: today', 'Set-Cookie: ***\nDate: today'],
      ['bearer hunter2, again', 'bearer ***, again'],
    ])
  })

  it('is the password of a URL, and of a host without a scheme', () => {
    masks([
      ['http://admin:hunter2@host/', 'http://admin:***@host/'],
      ['postgres://admin:a@b:c@host/', 'postgres://admin:***@host/'],
      ['{"u":"http:\\/\\/admin:hunter2@host\\/', '{"u":"http:\\/\\/admin:***@host\\/'],
      ['via admin:hunter2@proxy:3128', 'via admin:***@proxy:3128'],
      ['admin:hunter2@10.0.0.1 refused', 'admin:***@10.0.0.1 refused'],
    ])
  })

  it('is a private key', () => {
    masks([
      [
        '-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nmore',
        '-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----\nmore',
      ],
      ['-----BEGIN PRIVATE KEY-----\nMII', '-----BEGIN PRIVATE KEY-----***'],
    ])
  })

  it('is nothing else', () => {
    for (const text of [
      ...['unknown key "mtu"', 'secret "web" not found', 'bypass=1 passthru: on md5sum=abc'],
      ...['sessionAffinity: ClientIP', 'the password is wrong', 'no token was given'],
      ...['image nginx:1.2@sha256:0123abcd', 'docker run --user 1000:1000 a', 'git@host:a/b'],
      ...[
        'mail to email:a@host.example',
        'front@eth0',
        'link/ether 02:00:00:00:00:01',
        'fe80::1@eth0',
      ],
      ...['K8S_POD_NAME=web;K8S_POD_NAMESPACE=default', 'http://host:80/', '2: eth0@if3: <UP>'],
    ])
      assert.is(maskSpelledOut(text), text)
  })

  it('is found in one pass: texts of 1 MiB that nearly match, everywhere, are gone through', () => {
    for (const piece of [
      ...[
        'token',
        'key ',
        'bearer ',
        '://a',
        'token-',
        'secret="',
        "a='b ",
        'pass ',
        'pass is ',
        '-',
      ],
      ...[
        '-u a',
        '-u:',
        '--user "',
        'a:',
        'a:b@',
        '//a:',
        '\\',
        '\\"',
        'token=\\"',
        'a-',
        '--token ',
      ],
      ...[
        'cookie: ',
        'a=',
        ' \t',
        '-----BEGIN PRIVATE KEY-----',
        '-----BEGIN ',
        '=',
        'not valid JSON',
      ],
    ])
      maskSpelledOut(piece.repeat((1024 * 1024) / piece.length))
  })
})
