/**
 * Decides how engines that change a node are compared: each attaches and detaches a container in turn, round after round,
 * the first of a round another one each time. Refuses rounds in which one of them failed: the whole run fails.
 */
/** Rounds that are not counted: what is made once is made in them. */
const warmUp = 3
/** Runs the engines in turn. */
export const samplesOf = async (engines, rounds) => {
  const names = Object.keys(engines)
  const samples = Object.fromEntries(names.map((name) => [name, { add: [], del: [] }]))
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + warmUp) % names.length]
      const engine = engines[name]
      const id = `bench-${round + warmUp}-${turn}`
      const add = await time(() => engine.add(id))
      await settle()
      const del = await time(() => engine.del(id))
      await settle()
      if (round < 0) continue
      samples[name]?.add.push(add)
      samples[name]?.del.push(del)
    }
  }
  return samples
}
/** The middle one, as times on a shared machine have no meaningful mean. */
export const medianOf = (values) =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const time = async (work) => {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

/** The kernel frees a deleted link for a while after the fact: the next engine must not bear that. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 40))
