/** Decides whether the networks of a pod's annotation stand beside the default ones or in their place. */
import type { Combination } from './profile.js'

/** The TKE fork's way (reference/tke-multus.md 1.4): an annotation replaces the default delegates. */
export const annotationReplacesDefault: Combination = {
  rule: 'annotationReplacesDefault',
  combine: (annotated, defaults) => annotated ?? defaults(),
  why: 'the networks of the annotation replace defaultDelegates; without an annotation those serve the pod',
}

/**
 * Upstream's way (reference/multus-v4.md 2.4): the default networks first, then those of the annotation. Without a
 * default network there is nothing: every pod is attached to it (attachment-spec.md 6).
 */
export const defaultThenAnnotation: Combination = {
  rule: 'defaultThenAnnotation',
  combine: (annotated, defaults) => {
    const first = defaults()
    return annotated === undefined || first.length === 0 ? first : [...first, ...annotated]
  },
  why: 'the default networks come first, those of the annotation after them',
}
