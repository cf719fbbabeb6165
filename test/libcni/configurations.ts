/** Compares network configurations: lists and single ones. */
import * as E from 'fp-ts/lib/Either.js'
import {
  decodeList,
  decodeSingle,
  type NetworkConfigurationList,
} from '../../lib/cni/configuration.js'
import { isOn } from '../../lib/cni/flag.js'
import { decodeJson, isObject } from '../../lib/cni/json.js'
import * as samples from '../fuzz/samples.js'
import { jsonQuestion } from './json-question.js'
import type { Answer, Subject } from './subject.js'

const keys = [
  ...['name', 'type', 'plugins', 'cniVersion', 'capabilities', 'disableCheck'],
  ...['ipam', 'dns', 'prevResult', 'nameservers', 'domain', 'search', 'options'],
]

const listed = (list: NetworkConfigurationList): Answer => ({
  list: {
    name: list.name,
    cniVersion: list.cniVersion ?? '',
    disableCheck: isOn(list.disableCheck),
    plugins: list.plugins.map(({ type, capabilities = {} }) => ({
      type,
      capabilities: Object.fromEntries(Object.entries(capabilities).filter(([, on]) => on)),
    })),
  },
})

const answer =
  (decode: typeof decodeList) =>
  (text: string): Answer => {
    const json = decodeJson(text, '')
    const decoded = E.isRight(json) ? decode(json.right, '') : json
    return E.isRight(decoded) ? listed(decoded.right) : {}
  }

/** Keys of a list that Debian's library does not know yet. */
const newer = ['cniVersions', 'disableGC', 'loadOnlyInlinedPlugins']

const withoutNewer = (text: string | undefined): string | undefined => {
  const json = decodeJson(text ?? '', '')
  if (E.isLeft(json) || !isObject(json.right)) return text
  const entries = Object.entries(json.right).filter(([key]) => !newer.includes(key))
  return JSON.stringify(Object.fromEntries(entries))
}

/** Our own reading of one key is refused or taken earlier than libcni's. */
const excuse = (text: string, ours: Answer, theirs: Answer): string | undefined => {
  const said = theirs.list
  if (ours.list === undefined && isObject(said) && said.name === '') {
    return 'a network without a name'
  }
  const json = decodeJson(text, '')
  const isText =
    E.isRight(json) && isObject(json.right) && typeof json.right.disableCheck === 'string'
  return said === undefined && isText ? 'a flag that is a text: since libcni 1.2' : undefined
}

export const list: Subject = {
  kind: 'list',
  samples: samples.lists,
  isJson: true,
  pieces: keys,
  question: (input) => withoutNewer(jsonQuestion(input, keys)),
  answer: answer(decodeList),
  excuse,
}

export const single: Subject = {
  kind: 'single',
  samples: samples.singles,
  isJson: true,
  pieces: keys,
  question: (input) => jsonQuestion(input, keys),
  answer: answer(decodeSingle),
  excuse,
}
