/** Decides the order in which attachments are carried out; they are undone in reverse. */
import type { Order } from './profile.js'

/** As they are listed. */
export const asListed: Order = {
  rule: 'asListed',
  arrange: (candidates) => candidates.map((_, index) => index),
  why: 'networks are attached in the order in which they are listed',
}
