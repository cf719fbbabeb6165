import * as assert from 'uvu/assert'
import type { SourceText } from '../../lib/network/network.js'
import { describe } from '../suite.js'
import { conf, conflist, outcome, planOf } from './fixtures.js'

const flannel = (name: string, dataDir?: unknown) =>
  conf(name, { type: 'flannel', ...(dataDir === undefined ? {} : { dataDir }) })
const of = (networks: string, ...files: readonly SourceText[]) =>
  outcome(planOf({ networks, files }))
const refusal = (name: string) =>
  `shared-flannel-data-dir /etc/cni/net.d/multus/${name}.conf#/dataDir`

describe('two flannel networks of one pod (reference/plugins-and-ip.md F-07)', (it) => {
  it('are refused when they share a dataDir: the second would overwrite the file of the first', () => {
    assert.is(of('f,g', flannel('f'), flannel('g')), refusal('g'))
    assert.is(of('f,g', flannel('f', '/x'), flannel('g', '/x/')), refusal('g'))
    assert.is(of('f,g', flannel('f', ''), flannel('g', '/var/lib/cni/flannel')), refusal('g'))
    assert.is(of('f,g', flannel('f', 7), flannel('g')), refusal('g'))
    assert.is(of('f,f', flannel('f')), refusal('f'))
  })

  it('live side by side with a dataDir each', () => {
    assert.is(of('f,g', flannel('f'), flannel('g', '/var/lib/cni/flannel-g')), 'f=eth0* g=eth1')
    assert.is(of('f,g', flannel('f', '/'), flannel('g', '//')), refusal('g'))
  })

  it('are found in a chain, too, with a hint that helps', () => {
    const chain = conflist('g', { type: 'flannel' }, { type: 'portmap' })
    const planned = planOf({ networks: 'f,g', files: [flannel('f'), chain] })
    assert.is(outcome(planned), `shared-flannel-data-dir ${chain.source}#/dataDir`)
    assert.ok(!planned.ok)
    assert.match(planned.problems[0]?.hint ?? '', '"dataDir"')
    assert.match(planned.problems[0]?.hint ?? '', '/var/lib/cni/flannel-g')
  })
})
