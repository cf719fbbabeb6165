// The two globals that lib may name beside ES2022, so that `process` and `Buffer` cannot slip in.
interface AbortSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
declare class AbortController {
  readonly signal: AbortSignal
  abort(): void
}
declare class TextEncoder {
  encode(text: string): Uint8Array
}
