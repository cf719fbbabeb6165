import { spawnSync } from 'node:child_process'
import * as assert from 'uvu/assert'
import { ip, readSysctl, requireSysctl, show, trySysctl } from '../../lib/native/command.js'
import { containerScript } from '../../runners/ip/container-script.js'
import { sysctlFile } from '../../runners/ip/sysctl-file.js'
import { describe } from '../suite.js'

const up = ip(['link', 'set', 'dev', 'eth0', 'up'])
const look = show('address', 'show', 'dev', 'eth0')

describe('the script of a stage', (it) => {
  it('gives runs of lines to one ip, which takes the place of the shell at the end', () => {
    assert.is(
      containerScript([up, look], true).text,
      "exec ip -json -details -batch - <<'END'\nlink set dev eth0 up\naddress show dev eth0\nEND\n",
    )
  })

  it('tells where it failed, and that it is done, when something follows', () => {
    const { text, items } = containerScript(
      [up, trySysctl('net/ipv4/conf/eth0/x', '1'), look],
      false,
    )
    assert.is(items.length, 3)
    assert.match(text, "<<'END' || { echo '!0'; exit 9; }")
    assert.match(text, "<<'END' || { echo '!2'; exit 9; }")
    assert.ok(text.endsWith('echo .\n'))
  })

  it('is a text that a shell reads as it was meant, whatever a value holds', () => {
    const awkward = `1'; touch /tmp/x; echo '$(id) \`id\` "\\`
    const { text } = containerScript([trySysctl('net/none/there', awkward)], false)
    const { stdout, stderr, status } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' })
    assert.equal([stdout, stderr, status], ['', '', 0])
    const echoed = spawnSync('sh', [], {
      input: text.replaceAll(' 2>/dev/null >/proc/sys/net/none/there', ''),
      encoding: 'utf8',
    })
    assert.is(echoed.stdout, `${awkward}.\n`)
  })

  it('goes on after a sysctl that the kernel lacks, silently, when it need not be set', () => {
    const { text } = containerScript([trySysctl('net/none/there', '1')], false)
    const { stdout, stderr, status } = spawnSync('sh', [], { input: text, encoding: 'utf8' })
    assert.equal([stdout, stderr, status], ['.\n', '', 0])
  })

  it('ends at a sysctl that must be set, with words', () => {
    const { text } = containerScript([requireSysctl('net/none/there', '1'), up], false)
    const { stdout, stderr, status } = spawnSync('sh', [], { input: text, encoding: 'utf8' })
    assert.is(stdout, '!0\n')
    assert.is(status, 9)
    assert.match(stderr, /none\/there/)
  })

  it('takes a sysctl that cannot be written for set when it is as it should be', () => {
    const { text } = containerScript([requireSysctl('net/none/there', '64')], false)
    const elsewhere = text.replaceAll('/proc/sys/net/none/there', '/proc/version_signature_none')
    const { stdout } = spawnSync('sh', [], { input: elsewhere, encoding: 'utf8' })
    assert.is(stdout, '!0\n')
    // A file that nobody can write, and whose text is known.
    const readOnly = text
      .replaceAll('/proc/sys/net/none/there', '/proc/sys/kernel/ostype')
      .replaceAll("'64'", "'Linux'")
    assert.is(spawnSync('sh', [], { input: readOnly, encoding: 'utf8' }).stdout, '.\n')
  })

  it('reads a sysctl, and reads nothing where there is none', () => {
    const commands = [readSysctl('net/ipv4/ip_default_ttl'), readSysctl('net/none/there')]
    const { stdout } = spawnSync('sh', [], {
      input: containerScript(commands, false).text,
      encoding: 'utf8',
    })
    assert.match(stdout, /^=\d+\n=\n\.\n$/)
  })
})

describe('the file of a sysctl', (it) => {
  it('lies below /proc/sys/net, whatever an interface is called', () => {
    assert.is(sysctlFile('net/ipv4/conf/eth0.1/x'), '/proc/sys/net/ipv4/conf/eth0.1/x')
    for (const path of ['kernel/panic', 'net/../kernel/panic', 'net//x', '/etc/passwd', '']) {
      assert.is(sysctlFile(path), '/proc/sys/net/none', path)
    }
  })
})
