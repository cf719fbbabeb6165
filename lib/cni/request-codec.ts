/**
 * Decides what the codecs of a request are: of the CNI_* variables and of the configuration on stdin, both ways. Refuses
 * what `decodeEnvironment` and `decodeStdin` refuse, in their words.
 */
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import * as configuration from './configuration.js'
import { type CniError, textOf } from './error.js'
import { isObject, type JsonObject } from './json.js'
import * as request from './request.js'

/** What the environment of a request says. */
export type RequestEnvironment = request.RequestEnvironment

/** The CNI_* variables of a request: decoded from an environment, encoded to one in which empty variables are set. */
export const RequestEnvironment: t.Type<
  request.RequestEnvironment,
  Readonly<Record<string, string>>,
  unknown
> = new t.Type(
  'RequestEnvironment',
  (value): value is request.RequestEnvironment =>
    isShaped(value) && E.isRight(request.decodeEnvironment(variablesOf(value))),
  (value, context) =>
    isEnvironment(value)
      ? validated(request.decodeEnvironment(value), value, context)
      : t.failure(value, context, 'an environment is an object of texts'),
  (value) => variablesOf(value),
)

/** What stdin says. */
export type RequestConfiguration = request.RequestConfiguration

/** What stdin says: decoded from its text, encoded to the same text. */
export const RequestConfiguration: t.Type<request.RequestConfiguration, string, unknown> =
  new t.Type(
    'RequestConfiguration',
    (value): value is request.RequestConfiguration =>
      isObject(value) &&
      typeof value.text === 'string' &&
      E.isRight(request.decodeStdin(value.text)) &&
      isObject(value.config),
    (value, context) =>
      typeof value === 'string'
        ? validated(request.decodeStdin(value), value, context)
        : t.failure(value, context, 'stdin is a text'),
    ({ text }) => text,
  )

/** A network configuration list. */
export type NetworkConfigurationList = configuration.NetworkConfigurationList

/** A network configuration list: unknown keys are kept, and the highest known version is chosen (`decodeList`). */
export const NetworkConfigurationList: t.Type<NetworkConfigurationList, JsonObject, unknown> =
  new t.Type(
    'NetworkConfigurationList',
    (value): value is NetworkConfigurationList => {
      const decoded = configuration.decodeList(value, 'list')
      return E.isRight(decoded) && decoded.right === value
    },
    (value, context) => {
      const decoded = configuration.decodeList(value, '')
      if (E.isRight(decoded)) return t.success(decoded.right)
      return t.failures(
        decoded.left.map(({ path, message }) => ({
          value,
          context: keysOf(path).reduce((at, key) => t.appendContext(at, key, t.unknown), context),
          message,
        })),
      )
    },
    t.identity,
  )

/** The keys of a problem's path, which is `#` and a JSON Pointer. */
const keysOf = (path: string): readonly string[] =>
  path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

const validated = <A>(
  decoded: E.Either<CniError, A>,
  value: unknown,
  context: t.Context,
): t.Validation<A> =>
  E.isRight(decoded)
    ? t.success(decoded.right)
    : t.failure(value, context, `${decoded.left.code}: ${textOf(decoded.left)}`)

const isEnvironment = (value: unknown): value is Readonly<Record<string, string | undefined>> =>
  isObject(value) &&
  Object.values(value).every((one) => one === undefined || typeof one === 'string')

const isShaped = (value: unknown): value is request.RequestEnvironment =>
  isObject(value) &&
  [value.verb, value.containerId, value.netns, value.ifname, value.args].every(
    (one) => typeof one === 'string',
  ) &&
  Array.isArray(value.path) &&
  value.path.every((one) => typeof one === 'string') &&
  typeof value.netnsOverride === 'boolean'

const variablesOf = (
  environment: request.RequestEnvironment,
): Readonly<Record<string, string>> => ({
  CNI_COMMAND: environment.verb,
  CNI_CONTAINERID: environment.containerId,
  CNI_NETNS: environment.netns,
  CNI_IFNAME: environment.ifname,
  CNI_ARGS: environment.args,
  CNI_PATH: environment.path.join(':'),
  CNI_NETNS_OVERRIDE: environment.netnsOverride ? '1' : '',
})
