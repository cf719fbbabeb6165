/**
 * Decides what a list of valid attachments is: JSON, as the specification spells it. Refuses a list that is not whole:
 * what it does not name would be undone.
 */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { reportFailures } from '../../lib/cni/codec.js'
import { ifnameFault, isContainerId } from '../../lib/cni/identifier.js'
import { decodeJson } from '../../lib/cni/json.js'
import { at, failure, type Problem, quote } from '../../lib/cni/problem.js'
import type { ValidAttachment } from '../../lib/index.js'
import type { InputReader } from './input-text.js'

/** The attachments, or everything that is wrong with the list. */
export type ReadValidAttachments =
  | { readonly ok: true; readonly value: readonly ValidAttachment[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

const ValidAttachments = t.array(
  t.type({ containerID: t.string, ifname: t.string }, 'a valid attachment'),
  'a list of {"containerID", "ifname"}',
)

/** The longest list, in bytes. */
const limitBytes = 16 * 1024 * 1024
// One wrong script gets a list of thousands wrong.
const mostProblems = 8

/** Reads the list that `--valid-attachments` names; `-` is stdin. */
export const readValidAttachments = async (
  file: string,
  reader: InputReader,
): Promise<ReadValidAttachments> => {
  const text = await reader.read(file, 'bad-json', limitBytes)
  if (!text.ok) return { ok: false, problems: [text.problem] }
  const { source } = text.value
  const json = decodeJson(text.value.text, source, { length: limitBytes, depth: 64 })
  if (isLeft(json)) return { ok: false, problems: [json.left] }
  const decoded = ValidAttachments.decode(json.right)
  if (isLeft(decoded)) {
    const problems = reportFailures(decoded, 'bad-json', source)
    return { ok: false, problems: problems.slice(0, mostProblems) }
  }
  const problems = decoded.right.flatMap((one, index) => faultsOf(one, source, index))
  return problems.length > 0
    ? { ok: false, problems: problems.slice(0, mostProblems) }
    : { ok: true, value: decoded.right }
}

const faultsOf = (
  { containerID, ifname }: ValidAttachment,
  source: string,
  index: number,
): readonly Problem[] => {
  const problems: Problem[] = []
  if (!isContainerId(containerID)) {
    const message = `${quote(containerID)} cannot be a container id`
    problems.push(failure('bad-container-id', at(source, index, 'containerID'), message))
  }
  const fault = ifnameFault(ifname)
  if (fault !== undefined)
    problems.push(failure('bad-ifname', at(source, index, 'ifname'), `${quote(ifname)}: ${fault}`))
  return problems
}
