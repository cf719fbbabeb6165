/** Compares texts that are no JSON: addresses, names, versions. */
import { networkOf, parseAddress, parseCidr } from '../../lib/cni/address.js'
import { parseMac } from '../../lib/cni/hardware-address.js'
import { ifnameFault, isContainerId, isNetworkName } from '../../lib/cni/identifier.js'
import { parseVersion } from '../../lib/cni/version.js'
import * as samples from '../fuzz/samples.js'
import { type Random, randomFrom } from '../simulation/random.js'
import type { Answer, Subject } from './subject.js'

const given = (entries: Readonly<Record<string, unknown>>): Answer =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))

/** A line of a question is one of JSON, in which half a character cannot be said. */
const whole = (input: string): string | undefined =>
  /\p{Surrogate}/u.test(input) ? undefined : input

/** Addresses of every way to write one, most of them right. */
const written = (random: Random): string => {
  const group = (): string => {
    const digits = random.oneIn(3) ? '0' : random.below(0x10000).toString(16)
    return random.oneIn(4) ? digits.padStart(4, '0') : digits
  }
  const dotted = (): string =>
    Array.from({ length: 4 }, () => random.below(random.oneIn(20) ? 300 : 256)).join('.')
  const many = (count: number): string => Array.from({ length: count }, group).join(':')
  const tail = (): string => (random.oneIn(4) ? `:${dotted()}` : '')
  const six = (): string => {
    if (random.oneIn(3)) return random.oneIn(4) ? `${many(6)}:${dotted()}` : many(8)
    return `${many(random.below(5))}::${many(random.below(4))}${tail()}`.replace(':::', '::')
  }
  const text = random.oneIn(3) ? dotted() : random.oneIn(6) ? `::ffff:${dotted()}` : six()
  const prefix = random.below(text.includes(':') ? 132 : 34)
  return random.oneIn(2) ? text : `${text}/${prefix}`
}

const random = randomFrom(1)
const addresses = Array.from({ length: 5000 }, () => written(random))

const groups = ['0', '1', '01', '255', '256', 'ff', 'FFFF', '10000', '.', ':', '::', '/', '-', '%']

export const address: Subject = {
  kind: 'address',
  samples: [
    ...samples.addresses,
    ...addresses,
    '0.0.0.0/0',
    '::/0',
    '::1/128',
    'fe80::1',
    '1::8',
    '1:2:3:4:5:6:7:8/64',
    '0:0:1:0:0:0:1:0',
    '::ffff:1.2.3.4/24',
    '0a58.0af4.0206',
    '0A-58-0A-F4-02-06-07-08',
  ],
  isJson: false,
  pieces: [...groups, '128', '32', '/032', '1.2.3.4', '::ffff:'],
  question: whole,
  answer: (text) => {
    const cidr = parseCidr(text)
    return given({
      ip: parseAddress(text)?.text,
      cidr: cidr?.text,
      network: cidr === undefined ? undefined : networkOf(cidr).text,
      mac: parseMac(text),
    })
  },
  excuse: (text, ours, theirs) => {
    const { mac, ...others } = theirs
    // Go takes addresses of 8 and of 20 octets as well.
    if (ours.mac === undefined && typeof mac === 'string' && mac.length > 17) {
      return Object.keys(others).length === 0 ? 'a hardware address of six octets' : undefined
    }
    // Go's netip, on which net has been built since, takes four.
    if (ours.ip === undefined && /[0-9a-f]{5}/i.test(text))
      return 'a group of more than four digits'
    return ours.cidr === undefined && text.includes(':') && `${theirs.cidr}`.endsWith('/0')
      ? 'a CIDR of a 4-in-6 address'
      : undefined
  },
}

export const name: Subject = {
  kind: 'name',
  samples: ['eth0', 'cnitool-77383ca0a0715733ca6f', 'a_b.c-d', 'net1', '0', 'x'.repeat(15)],
  isJson: false,
  pieces: ['_', '-', '.', '..', '/', ':', ' ', '\t', '\n', '\u0085', '\u00a0', '\ufeff', 'é', '文'],
  question: whole,
  answer: (text) => ({
    containerId: isContainerId(text),
    network: isNetworkName(text),
    ifname: ifnameFault(text) === undefined,
  }),
}

export const version: Subject = {
  kind: 'version',
  samples: ['0.4.0', '1.1.0', '1', '', '01.2', '+1.-2.3', '1.0.0-rc1', '1.2.3.4'],
  isJson: false,
  pieces: ['0', '1', '.', '+', '-', '_', '0x1', '1e3', ' ', '9'.repeat(15), '9'.repeat(19)],
  question: whole,
  answer: (text) => {
    const parts = parseVersion(text)
    return given({ parts: parts?.map((part) => part + 0) })
  },
  excuse: (text, ours) =>
    ours.parts === undefined && /\d{16}/.test(text) ? 'a number of more than 15 digits' : undefined,
}
