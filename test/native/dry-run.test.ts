import * as assert from 'uvu/assert'
import { dryRun } from '../../lib/native/dry-run.js'
import { commandsText } from '../../lib/native/dry-run-text.js'
import { hostNameOf } from '../../lib/native/names.js'
import { describe } from '../suite.js'

type Input = Parameters<typeof dryRun>[0]
const run = (plugins: readonly object[], more: Partial<Input> = {}) =>
  dryRun({
    config: { cniVersion: '1.0.0', name: 'net', plugins: plugins as Input['config']['plugins'] },
    ifname: 'eth0',
    ...more,
  })
const linesOf = (plugins: readonly object[], more: Partial<Input> = {}) =>
  commandsText([run(plugins, more)]).split('\n')
const hostLocal = { type: 'host-local', subnet: '10.1.0.0/16' }

describe('dryRun: the commands of an attachment, without a node (issue: dry run)', (it) => {
  it('marks addresses that are not allocated yet, and names that follow from a container id', () => {
    const lines = linesOf([{ type: 'bridge', isGateway: true, ipMasq: true, ipam: hostLocal }])
    assert.equal(lines.slice(0, 4), [
      '# eth0, network net: bridge',
      '# on the node',
      'iptables-save -t nat',
      '# host-local gives addresses from /var/lib/cni/networks/net',
    ])
    const text = lines.join('\n')
    assert.match(
      text,
      'ip link add name eth0 netns <netns> txqueuelen 0 type veth peer name <host end>',
    )
    assert.match(text, 'ip address add <address of 10.1.0.0/16>/16 broadcast + dev eth0')
    assert.match(text, 'ip address add 10.1.0.1/16 broadcast + dev cni0')
    assert.match(text, 'ip link set dev cni0 address <hardware address>')
    assert.match(text, '-A POSTROUTING -s <address of 10.1.0.0/16>/32')
    assert.match(text, '-N <chain>')
    assert.match(text, 'id: \\"<container id>\\"')
    assert.not.match(text, '10.1.0.2')
    assert.not.match(text, 'metacni-unknown')
  })

  it('derives names from a container id, and shows requested and static addresses as they are', () => {
    const known = { containerId: 'c1', netns: '/run/netns/c1' }
    const host = hostNameOf({ containerId: 'c1', ifname: 'eth0' })
    const requested = run(
      [{ type: 'bridge', ipam: hostLocal, args: { cni: { ips: ['10.1.0.77'] } } }],
      known,
    )
    const texts = requested.plugins[0]?.commands.map(({ text = '' }) => text) ?? []
    assert.ok(texts.includes('ip address add 10.1.0.77/16 broadcast + dev eth0'), texts.join('\n'))
    assert.ok(texts.includes(`ip link set dev ${host} master cni0 up`))
    const fixed = { type: 'static', addresses: [{ address: '10.5.0.7/24', gateway: '10.5.0.1' }] }
    const lines = linesOf([{ type: 'ptp', ipam: fixed }], known)
    assert.ok(lines.includes(`ip route add 10.5.0.7/32 dev ${host} scope host`), lines.join('\n'))
    assert.ok(lines.includes('# in the container, /run/netns/c1'))
  })

  it('offers the capabilities that a plugin declares', () => {
    const plugin = { type: 'bridge', capabilities: { mac: true } }
    const text = linesOf([plugin], { capabilityArgs: { mac: '0a:00:00:00:00:01' } }).join('\n')
    assert.match(text, ' address 0a:00:00:00:00:01 ')
  })

  it('knows bridges that it is told of', () => {
    const plugin = { type: 'bridge', bridge: 'br7' }
    assert.match(linesOf([plugin]).join('\n'), 'ip link add name br7 type bridge')
    assert.not.match(linesOf([plugin], { bridges: ['br7'] }).join('\n'), 'ip link add name br7')
  })

  it('assumes every master, and marks that of the default route', () => {
    assert.match(
      linesOf([{ type: 'macvlan', master: 'up0', mtu: 9000 }]).join('\n'),
      'ip link add link up0 ',
    )
    assert.match(
      linesOf([{ type: 'macvlan' }]).join('\n'),
      'ip link add link <device of the default route> ',
    )
    assert.match(linesOf([{ type: 'loopback' }]).join('\n'), 'ip link set dev lo up')
  })

  it('hands one plugin the result of the one before', () => {
    const lines = linesOf([
      { type: 'bridge' },
      { type: 'tuning', mtu: 1400, sysctl: { 'net.core.somaxconn': '1' } },
    ])
    assert.ok(
      lines.includes('# /run/cni/tuning/<container id>_eth0.json is written: what DEL puts back'),
    )
    assert.match(lines.join('\n'), 'ip link set dev eth0 mtu 1400')
  })

  it('says why a call is not shown, and goes on with a result that it assumes', () => {
    const lines = linesOf([{ type: 'flannel' }, { type: 'tuning', promisc: true }])
    assert.equal(lines.slice(1, 3), [
      '# not shown, its binary is called:',
      '# - the type "flannel" is not native: bridge, loopback, macvlan, ptp, tuning are',
    ])
    assert.match(lines.join('\n'), 'ip link set dev eth0 promisc on')
  })

  it('marks what another address plugin gives', () => {
    const text = linesOf([{ type: 'ptp', ipam: { type: 'dhcp' } }], { ipam: true }).join('\n')
    assert.match(text, 'ip address add <address from dhcp> broadcast + dev eth0')
    assert.match(text, 'ip route add <network from dhcp> via <gateway from dhcp> ')
    assert.not.match(text, '192.0.2')
  })

  it('ends with a refusal, what came before included', () => {
    const refused = run([
      { type: 'bridge', ipam: { type: 'host-local', subnet: '10.1.0.7/16' } },
      { type: 'tuning' },
    ])
    assert.is(refused.plugins.length, 1)
    assert.match(refused.plugins[0]?.refusal ?? '', 'has host bits set')
    const both = linesOf([{ type: 'bridge', hairpinMode: true, promiscMode: true }])
    assert.match(both.at(-1) ?? '', /^# refused: cannot set hairpin mode and promiscuous mode/)
    assert.match(run([{ type: 'tuning' }]).plugins[0]?.refusal ?? '', 'prevResult missing')
    const taken = { type: 'host-local', subnet: '10.1.0.0/16', gateway: '10.1.0.1' }
    const asked = run([{ type: 'bridge', ipam: taken, args: { cni: { ips: ['10.1.0.1'] } } }])
    assert.match(asked.plugins[0]?.refusal ?? '', 'gateway')
    const wrong = run([{ type: 'ptp', ipam: { type: 'static', addresses: 7 } }])
    assert.match(wrong.plugins[0]?.refusal ?? '', 'addresses')
  })

  it('refuses a result that the version of a list cannot express', () => {
    const config = {
      cniVersion: '9.9.9',
      name: 'net',
      plugins: [{ type: 'bridge' }, { type: 'tuning' }],
    }
    const refused = dryRun({ config, ifname: 'eth0' })
    assert.ok(refused.plugins.at(-1)?.refusal !== undefined)
  })

  it('lets no name out of its line (control and bidirectional characters)', () => {
    const config = { name: 'a\nip link del eth0\u202e', plugins: [{ type: 'x\u001b[2J' }] }
    const text = commandsText([dryRun({ config, ifname: 'e\n#', netns: '/a\nb' })])
    assert.not.match(text, /^ip link del/m)
    assert.not.match(text, '\u001b')
    assert.not.match(text, '\u202e')
  })

  it('prints attachments one after the other', () => {
    const both = [run([{ type: 'loopback' }]), run([{ type: 'loopback' }], { ifname: 'net1' })]
    const headings = commandsText(both)
      .split('\n')
      .filter((line) => line.includes(', network '))
    assert.equal(headings, ['# eth0, network net: loopback', '# net1, network net: loopback'])
  })
})
