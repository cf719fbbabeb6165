/**
 * Decides what a finding looks like and which findings exist. Refuses findings outside the registry: a code is
 * public API, its text is not.
 */
import { printable } from './printable.js'

/**
 * Every code a Problem can bear, with the CNI error code (reference: SPEC "Error", section 1.6 of the table) that a
 * runtime sees when this problem is the reason of a refusal. docs/problems.md says what each means and what to do.
 */
export const problemCniCodes = {
  'bad-json': 6,
  'too-large': 6,
  'too-deep': 6,
  'bad-configuration': 7,
  'unusual-key-case': 7,
  'unknown-key': 7,
  'relative-kubeconfig': 7,
  'pod-source-unavailable': 2,
  'bad-pod': 6,
  'bad-annotation': 7,
  'bad-network-name': 7,
  'bad-ifname': 4,
  'bad-container-id': 4,
  'bad-netns': 8,
  'interface-exists': 4,
  'bad-cni-args': 4,
  'bad-ip-request': 7,
  'bad-mac-request': 7,
  'missing-capability': 7,
  'namespace-ignored': 7,
  'duplicate-ifname': 7,
  'no-default-interface': 7,
  'no-networks': 7,
  'too-many-networks': 7,
  'unknown-network': 7,
  'broken-network-file': 7,
  'shadowed-network': 7,
  'self-delegation': 7,
  'shared-flannel-data-dir': 7,
  'runtime-config-primary-only': 7,
  'unsupported-version': 1,
  'missing-plugin': 7,
  'no-version-reply': 6,
  'unreadable-directory': 5,
  'bad-plan': 6,
  'plan-changed': 7,
  'bad-recording': 6,
  'unknown-profile': 7,
  'bad-strategy': 999,
} as const satisfies Readonly<Record<string, number>>

/** A stable kebab-case name of a finding. */
export type ProblemCode = keyof typeof problemCniCodes

/** `error`: nothing may run. `warning`: it will run, and somebody should know. */
export type Severity = 'error' | 'warning'

/** One typed finding about an input. Planning returns all of them at once. */
export interface Problem {
  /** Stable; listed in docs/problems.md. */
  readonly code: ProblemCode
  readonly severity: Severity
  /** The code of the CNI error object that this problem becomes (SPEC "Error"). */
  readonly cniCode: number
  /** One sentence that names the wrong value. Not stable. */
  readonly message: string
  /** Where: the source, `#`, and a JSON Pointer into it (RFC 6901); `#` alone is the whole source. */
  readonly path: string
  /** What to do about it. */
  readonly hint?: string
}

/** An error-severity Problem. `path` as `at` builds it. */
export const failure = (code: ProblemCode, path: string, message: string, hint?: string): Problem =>
  problem('error', code, path, message, hint)

/** A warning-severity Problem. */
export const warning = (code: ProblemCode, path: string, message: string, hint?: string): Problem =>
  problem('warning', code, path, message, hint)

const problem = (
  severity: Severity,
  code: ProblemCode,
  path: string,
  message: string,
  hint: string | undefined,
): Problem => {
  const cniCode = problemCniCodes[code]
  return hint === undefined
    ? { code, severity, cniCode, message, path }
    : { code, severity, cniCode, message, path, hint }
}

/** A path: a source (file name, annotation key, `stdin`) and the JSON Pointer made of `keys`. */
export const at = (source: string, ...keys: readonly (string | number)[]): string => {
  let pointer = `${source}#`
  for (const key of keys) {
    pointer +=
      typeof key === 'number' ? `/${key}` : `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  }
  return pointer
}

/** Whether any of them stops the plan. */
export const hasErrors = (problems: readonly Problem[]): boolean =>
  problems.some((one) => one.severity === 'error')

/** A value from a stranger, short and printable, for a message. What is no JSON goes by its type. Never throws. */
export const quote = (value: unknown): string => {
  const text = jsonOf(value)
  const short =
    text.length > 80 ? `${text.slice(0, 76)}...${text.startsWith('"') ? '"' : ''}` : text
  return printable(short)
}

/** What was thrown, which can be anything, in words. Never throws. */
export const thrownText = (error: unknown): string => {
  const message: unknown = error instanceof Error ? error.message : error
  return typeof message === 'string' ? message : quote(message)
}

const jsonOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? typeof value
  } catch {
    return typeof value // a cycle, a bigint, a toJSON that throws
  }
}
