/** Decides nothing: runs blocks of cases as scripts/fuzz.mjs asks for them, sealed, and tells what it finds. */
import { decoders } from './decoders.js'
import { seal } from './sealed.js'
import { type Decoder, inputOf, runCase, runGrowth } from './watch.js'

/** What the worker is asked for. */
type Order =
  | { readonly kind: 'names' }
  | { readonly kind: 'block'; readonly decoder: string; readonly from: number; readonly to: number }
  | { readonly kind: 'growth'; readonly decoder: string; readonly length: number }
  | { readonly kind: 'show'; readonly decoder: string; readonly seed: number }

const send = (message: object): void => {
  process.send?.(message)
}

const sealed = seal()

const obey = async (order: Order): Promise<void> => {
  if (order.kind === 'names')
    return send({ kind: 'names', names: decoders.map(({ name }) => name) })
  const decoder = decoders.find(({ name }) => name === order.decoder)
  if (decoder === undefined) throw new Error(`no decoder is called ${order.decoder}`)
  if (order.kind === 'show') return show(decoder, order.seed)
  if (order.kind === 'growth') {
    for (const kind of Object.keys(decoder.growth)) {
      const finding = await runGrowth(decoder, kind, sealed, order.length)
      send(finding === undefined ? { kind: 'alive' } : { kind: 'finding', finding })
    }
    return send({ kind: 'done', count: 0 })
  }
  for (let seed = order.from; seed < order.to; seed++) {
    const finding = await runCase(decoder, seed, sealed)
    if (finding !== undefined) send({ kind: 'finding', finding })
  }
  return send({ kind: 'done', count: order.to - order.from })
}

const show = async (decoder: Decoder, seed: number): Promise<void> => {
  const finding = await runCase(decoder, seed, sealed)
  send({ kind: 'shown', input: inputOf(decoder, seed).slice(0, 20_000), finding })
}

process.on('message', (order) => void obey(order as Order))
process.on('disconnect', () => process.exit(0))
