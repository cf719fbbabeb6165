/**
 * Decides how an engine works without records of its own, as cnitool does: the result cache beside it is all it has.
 * Refuses nothing; two calls at once are the caller's business.
 */
import type { Journal } from '../../lib/ports/index.js'

/** A Journal that keeps nothing. Useful inside `withResultCache` alone. */
export const noJournal: Journal = {
  list: async () => ({ ok: true, value: [] }),
  open: async () => ({
    ok: true,
    value: {
      records: new Map(),
      corrupt: [],
      save: async () => ({ ok: true, value: undefined }),
      remove: async () => ({ ok: true, value: undefined }),
      quarantine: async () => ({ ok: true, value: undefined }),
      close: async () => {},
    },
  }),
}
