/** Decides what is promised of texts that are no JSON: CNI_ARGS, resolv.conf, addresses. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { parseAddress, parseCidr } from '../../../lib/cni/address.js'
import { formatArgs, parseArgs, podOf } from '../../../lib/cni/args.js'
import { parseMac } from '../../../lib/cni/hardware-address.js'
import { ifnameFault, isContainerId } from '../../../lib/cni/identifier.js'
import { knownArgs } from '../../../lib/cni/plugin-args.js'
import { parseVersion } from '../../../lib/cni/version.js'
import { parseResolvConf } from '../../../lib/ipam/resolv-conf.js'
import { repeated } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { prints } from './common.js'

export const cniArgs: Decoder = {
  name: 'CNI_ARGS',
  samples: samples.args,
  isJson: false,
  pieces: [';', '=', 'IP', 'MAC', 'IgnoreUnknown=1', 'IgnoreUnknown=', 'K8S_POD_NAME=a', 'a=b'],
  run: (text) => {
    const pairs = parseArgs(text)
    const known = knownArgs(text, ['IP', 'MAC'])
    if (E.isLeft(pairs)) return assert.ok(E.isLeft(known) && pairs.left.code === 4)
    podOf(pairs.right)
    const written = formatArgs(pairs.right)
    if (E.isLeft(written)) return assert.is(written.left.code, 4)
    return assert.equal(
      [...pairs.right],
      [...E.getOrElse(() => pairs.right)(parseArgs(written.right))],
    )
  },
  growth: {
    pairs: repeated('', 'k#=v', '', ';'),
    'the same pair': repeated('', 'k=v', '', ';'),
    'one long value': repeated('k=', 'v', ''),
    semicolons: repeated('', ';', ''),
    'equals signs': repeated('', '=', ''),
  },
}

export const resolvConf: Decoder = {
  name: 'resolv.conf',
  samples: samples.resolvConfs,
  isJson: false,
  pieces: ['nameserver ', 'search ', 'domain ', 'options ', '\n', '\t', '#', ';', ' '],
  run: (text) => prints(parseResolvConf(text)),
  growth: {
    lines: repeated('', 'nameserver 10.0.0.#\n', ''),
    options: repeated('options', ' a#', ''),
    blanks: repeated('search a', ' ', 'b'),
    'blanks before the end': repeated('', ' \t', '\n'),
    breaks: repeated('', '\n', ''),
    'one long word': repeated('', 'x', ''),
  },
}

export const address: Decoder = {
  name: 'address',
  samples: samples.addresses,
  isJson: false,
  pieces: [
    '0',
    '1',
    '01',
    '255',
    '256',
    'ff',
    'FFFF',
    '.',
    ':',
    '::',
    '/',
    '-',
    '%',
    '128',
    '1.2.3.4',
  ],
  run: (text) => {
    const one = parseAddress(text)
    if (one !== undefined) assert.equal(parseAddress(one.text), one)
    const cidr = parseCidr(text)
    if (cidr !== undefined) assert.equal(parseCidr(cidr.text), cidr)
    const mac = parseMac(text)
    if (mac !== undefined) assert.is(parseMac(mac), mac)
    parseVersion(text)
    ifnameFault(text)
    isContainerId(text)
  },
  growth: {
    digits: repeated('', '1', ''),
    dots: repeated('', '1.', ''),
    colons: repeated('', ':', ''),
    groups: repeated('', 'ab:', ''),
    slashes: repeated('', '/', ''),
    'a long prefix': repeated('1.2.3.4/', '0', '8'),
    dashes: repeated('a', '-', ' '),
  },
}
