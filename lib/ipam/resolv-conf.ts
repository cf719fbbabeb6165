/**
 * Decides what a resolv.conf says about name resolution (resolv.conf(5)). Refuses nothing: unknown lines are left out,
 * as a resolver leaves them out.
 */
import type { ResultDns } from '../cni/result.js'

/**
 * The name servers, the domain, the search list and the options of a resolv.conf. Every `search` line counts, where
 * resolv.conf(5) takes the last one: host-local does so, and a network means the same under both.
 */
export const parseResolvConf = (text: string): ResultDns => {
  const nameservers: string[] = []
  const options: string[] = []
  const search: string[] = []
  let domain = ''
  for (const line of text.split('\n')) {
    const [word, ...values] = line.trim().split(/\s+/)
    const [first] = values
    if (first === undefined) continue
    if (word === 'nameserver') nameservers.push(first)
    else if (word === 'domain') domain = first
    // Not spread: a line can have more words than a call takes arguments.
    else if (word === 'search') for (const one of values) search.push(one)
    else if (word === 'options') for (const one of values) options.push(one)
  }
  return {
    ...(nameservers.length > 0 && { nameservers }),
    ...(domain !== '' && { domain }),
    ...(search.length > 0 && { search }),
    ...(options.length > 0 && { options }),
  }
}
