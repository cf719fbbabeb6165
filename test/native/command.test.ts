import * as assert from 'uvu/assert'
import {
  commandText,
  ip,
  isPlainWord,
  readSysctl,
  requireSysctl,
  show,
  trySysctl,
} from '../../lib/native/command.js'
import { chainOf, commentOf, hostNameOf } from '../../lib/native/names.js'
import { describe } from '../suite.js'

describe('commands and names of native plugins', (it) => {
  it('are told as somebody would type them', () => {
    assert.is(commandText(ip(['link', 'set', 'dev', 'a', 'mtu', 7])), 'ip link set dev a mtu 7')
    assert.is(commandText(show('route', 'show')), 'ip route show')
    assert.is(commandText(readSysctl('net/a')), 'sysctl -n net/a')
    assert.is(commandText(trySysctl('net/a', '1')), 'sysctl -w net/a=1')
    assert.is(commandText(requireSysctl('net/a', '1')), 'sysctl -w net/a=1')
  })

  it('hold no word that a shell or a batch file reads otherwise', () => {
    for (const word of ['eth0', '10.0.0.0/8', '/run/netns/c-1', 'fd00::1', 'eth0.1@if7']) {
      assert.ok(isPlainWord(word), word)
    }
    for (const word of [
      '',
      ' ',
      'a b',
      'a;b',
      '$(x)',
      '`x`',
      "a'b",
      'a"b',
      'a\nb',
      'a\\b',
      '#',
      'é',
      'a\0',
    ]) {
      assert.not.ok(isPlainWord(word), JSON.stringify(word))
    }
  })

  it('name the host end by container and interface (P-07)', () => {
    const one = hostNameOf({ containerId: 'c1', ifname: 'eth0' })
    assert.match(one, /^veth[0-9a-f]{8}$/)
    assert.is.not(one, hostNameOf({ containerId: 'c1', ifname: 'eth1' }))
    assert.is.not(one, hostNameOf({ containerId: 'c2', ifname: 'eth0' }))
  })

  it('name chains by network and container, 28 characters (P-14, 7.9)', () => {
    const owner = { network: 'net', containerId: 'c1' }
    assert.is(chainOf(owner).length, 28)
    assert.match(chainOf(owner), /^CNI-[0-9a-f]{24}$/)
    assert.match(chainOf(owner, 'CNI-DN-'), /^CNI-DN-[0-9a-f]{21}$/)
    assert.is(
      chainOf({ network: 'ne', containerId: 'tc1' }),
      chainOf(owner),
      'as the binaries have it',
    )
    assert.is(commentOf(owner), 'name: "net" id: "c1"')
  })
})
