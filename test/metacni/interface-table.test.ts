import * as assert from 'uvu/assert'
import { interfacesOfResults, interfaceTable } from '../../examples/metacni/interface-table.js'
import type { Added, Result } from '../../lib/index.js'
import { describe } from '../suite.js'

const added = (ifname: string, result: Omit<Result, 'cniVersion'>): Added => ({
  result: { cniVersion: '1.1.0' },
  attachments: [
    {
      attachment: {
        network: { name: 'net', source: { kind: 'inline' } },
        ifname,
        primary: true,
        config: { name: 'net', plugins: [{ type: 'bridge' }] },
        capabilityArgs: {},
      },
      result: { cniVersion: '1.1.0', ...result } as Result,
    },
  ],
})

const inside = '/run/netns/blue'
const rowsOf = (ifname: string, result: Omit<Result, 'cniVersion'>) =>
  interfaceTable(interfacesOfResults(added(ifname, result))).rows

const bridge = 'veth pair on bridge cni0'

describe('the interfaces of a result', (it) => {
  it('are those inside the sandbox, with the addresses that point at them', () => {
    const rows = rowsOf('eth0', {
      interfaces: [
        { name: 'cni0', mac: '02:00:00:00:00:01' },
        { name: 'eth0', mac: '02:00:00:00:00:02', sandbox: inside },
        { name: 'aux', sandbox: inside },
      ],
      ips: [
        { address: '10.0.0.2/24', interface: 1 },
        { address: '2001:db8::2/64', interface: 1 },
        { address: '10.0.1.2/24', interface: 2 },
      ],
    })
    assert.equal(rows, [
      ['eth0', '10.0.0.2/24\n2001:db8::2/64', '02:00:00:00:00:02', 'net', bridge],
      ['aux', '10.0.1.2/24', '-', 'net', '-'],
    ])
  })

  it('hold every address without an interface, or with one that is not inside, under the planned name', () => {
    const rows = rowsOf('eth0', {
      interfaces: [{ name: 'cni0' }, { name: 'eth0', sandbox: inside }],
      ips: [
        { address: '10.0.0.2/24' },
        { address: '10.0.0.3/24', interface: -1 },
        { address: '10.0.0.4/24', interface: 0 },
      ],
    })
    assert.equal(rows, [['eth0', '10.0.0.2/24\n10.0.0.3/24\n10.0.0.4/24', '-', 'net', bridge]])
  })

  it('have a row for the planned interface that the result does not name', () => {
    assert.equal(rowsOf('eth0', {}), [['eth0', '-', '-', 'net', bridge]])
    assert.equal(rowsOf('eth0', { ips: [{ address: '10.0.0.2/24', interface: -1 }] }), [
      ['eth0', '10.0.0.2/24', '-', 'net', bridge],
    ])
  })

  it('do not reach the terminal with control characters', () => {
    const interfaces = [{ name: 'eth0', mac: '\u001b[2J', sandbox: inside }]
    assert.is(rowsOf('eth0', { interfaces })[0]?.[2], '\\u001b[2J')
  })
})
