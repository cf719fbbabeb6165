/** Decides what is promised of host-local and static: their configurations and the kept state. */
import * as E from 'fp-ts/lib/Either.js'
import * as assert from 'uvu/assert'
import { allocate, collect, release, status } from '../../../lib/ipam/host-local.js'
import { decode as decodeHostLocal } from '../../../lib/ipam/host-local-config.js'
import { decodePool, emptyPool } from '../../../lib/ipam/pool.js'
import { decode as decodeStatic } from '../../../lib/ipam/static.js'
import { randomFrom } from '../../simulation/random.js'
import { growingJson, listed } from '../growth.js'
import * as samples from '../samples.js'
import type { Decoder } from '../watch.js'
import { jsonOf, prints } from './common.js'

const owner = { containerId: 'c1', ifname: 'eth0' }

export const hostLocal: Decoder = {
  name: 'host-local configuration',
  samples: samples.hostLocals,
  isJson: true,
  pieces: [
    'ipam',
    'ranges',
    'subnet',
    'rangeStart',
    'rangeEnd',
    'gateway',
    'routes',
    'ips',
    'dataDir',
  ],
  run: (text, seed) => {
    const random = randomFrom(seed)
    const value = jsonOf(text)
    const args = random.oneIn(3) ? random.pick(samples.args) : ''
    const decoded = decodeHostLocal(typeof value === 'object' ? { ...value } : {}, args)
    if (E.isLeft(decoded)) return assert.ok([1, 4, 7].includes(decoded.left.code))
    prints(decoded.right.routes)
    status(decoded.right, emptyPool)
    const allocated = allocate(decoded.right, emptyPool, owner)
    if (E.isLeft(allocated)) return assert.is(allocated.left.code, 999)
    prints(allocated.right)
    return assert.equal(release(allocated.right.state, owner).reservations, {})
  },
  growth: {
    ...growingJson,
    ranges: listed(
      '{"name":"a","cniVersion":"1.0.0","ipam":{"ranges":[',
      '[{"subnet":"10.#.0.0/16"}]',
      ']}}',
    ),
    'ranges that do not overlap': (length) => subnets(length, '[', ']'),
    'one set of many ranges': (length) =>
      `${subnets(length, '', '').replace('[{', '[[{').slice(0, -3)}]]}}`,
    'requested addresses': listed(
      '{"name":"a","ipam":{"subnet":"10.0.0.0/8"},"args":{"cni":{"ips":[',
      '"10.0.0.9"',
      ']}}}',
    ),
    'different requested addresses': (length) =>
      `{"name":"a","ipam":{"subnet":"10.0.0.0/8"},"args":{"cni":{"ips":[${counting(length / 14, (n) => `"10.${n}"`)}]}}}`,
    routes: listed('{"name":"a","ipam":{"subnet":"10.0.0.0/8","routes":[', '{"dst":"::/0"}', ']}}'),
  },
}

/** `0.0.0`, `0.0.1`, ... as often as asked. */
const counting = (count: number, write: (three: string) => string): string =>
  Array.from({ length: Math.max(1, Math.floor(count)) }, (_, n) =>
    write(`${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`),
  ).join(',')

const subnets = (length: number, open: string, close: string): string => {
  const sets = counting(length / 30, (n) => `${open}{"subnet":"${n}.0/30"}${close}`)
  return `{"name":"a","cniVersion":"1.0.0","ipam":{"ranges":[${sets}]}}`
}

export const pool: Decoder = {
  name: 'host-local state',
  samples: samples.pools,
  isJson: true,
  pieces: ['reservations', 'last', 'containerId', 'ifname', '10.1.0.2', '10.1.0.3'],
  run: (text) => {
    const state = decodePool(jsonOf(text))
    if (state === undefined) return
    prints(state)
    assert.equal(decodePool(state), state)
    const config = decodeHostLocal(JSON.parse(samples.hostLocals[1] ?? ''), '')
    if (E.isRight(config)) allocate(config.right, state, owner)
    collect(state, [owner])
  },
  growth: {
    ...growingJson,
    reservations: (length) =>
      `{"last":{},"reservations":{${counting(length / 45, (n) => `"10.${n}":{"containerId":"a","ifname":"b"}`)}}}`,
  },
}

export const staticConfig: Decoder = {
  name: 'static configuration',
  samples: samples.statics,
  isJson: true,
  pieces: ['ipam', 'addresses', 'address', 'gateway', 'routes', 'dns', 'args', 'cni', 'ips'],
  run: (text, seed) => {
    const random = randomFrom(seed)
    const value = jsonOf(text)
    const args = random.oneIn(3) ? random.pick([...samples.args, 'IP=10.0.0.5/8,::1/64']) : ''
    const decoded = decodeStatic(typeof value === 'object' ? { ...value } : {}, args)
    if (E.isLeft(decoded)) return assert.ok([1, 4, 7].includes(decoded.left.code))
    return prints(decoded.right)
  },
  growth: {
    ...growingJson,
    addresses: listed(
      '{"name":"a","cniVersion":"1.0.0","ipam":{"addresses":[',
      '{"address":"10.0.0.2/24","gateway":"10.0.0.1"}',
      ']}}',
    ),
    'requested addresses': listed(
      '{"cniVersion":"1.0.0","ipam":{},"runtimeConfig":{"ips":[',
      '"10.0.0.2/24"',
      ']}}',
    ),
    routes: listed('{"ipam":{"routes":[', '{"dst":"::/0"}', ']}}'),
  },
}
