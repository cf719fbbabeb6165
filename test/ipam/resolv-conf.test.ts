import * as assert from 'uvu/assert'
import { parseResolvConf } from '../../lib/ipam/resolv-conf.js'
import { describe } from '../suite.js'

describe('a resolv.conf', (it) => {
  it('gives name servers, domain, search list and options', () => {
    assert.equal(
      parseResolvConf(
        '# by hand\nnameserver 10.0.0.2\nnameserver  2001:db8::2\ndomain example.org\nsearch a b\nsearch c d\noptions ndots:5\noptions rotate\n',
      ),
      {
        nameservers: ['10.0.0.2', '2001:db8::2'],
        domain: 'example.org',
        search: ['a', 'b', 'c', 'd'],
        options: ['ndots:5', 'rotate'],
      },
    )
  })

  it('gives nothing for lines that say nothing', () => {
    assert.equal(parseResolvConf(''), {})
    assert.equal(parseResolvConf('nameserver\n\nsortlist 10.0.0.0/8\r\n'), {})
  })
})
