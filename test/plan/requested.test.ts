import * as assert from 'uvu/assert'
import { requestedNetworks } from '../../lib/plan/requested.js'
import { multus } from '../../lib/profile/multus.js'
import { tke } from '../../lib/profile/tke.js'
import { describe } from '../suite.js'
import { briefly, meta } from './fixtures.js'

describe('what must be fetched for a plan', (it) => {
  it('is each network once, with its namespace, in the order of listing', () => {
    const { networks, selections } = requestedNetworks({ networks: 'b,ns/a,b@eth3' }, tke)
    assert.equal(networks, ['b', 'ns/a'])
    assert.is(selections.length, 3)
  })

  it('is what the profile combines', () => {
    const config = meta({ defaultDelegates: 'd' })
    assert.equal(requestedNetworks({ config, networks: 'a' }, multus).networks, ['d', 'a'])
    assert.equal(requestedNetworks({ config, networks: 'a' }, tke).networks, ['a'])
    assert.equal(requestedNetworks({ config }, tke).networks, ['d'])
  })

  it('comes with what is wrong with the request', () => {
    assert.is(
      briefly(requestedNetworks({ networks: 'A' }, tke).problems),
      'bad-annotation networks#/0',
    )
    assert.is(briefly(requestedNetworks({}, tke).problems), 'no-networks defaultDelegates#')
  })
})
