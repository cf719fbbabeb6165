/**
 * Decides what the engine does next: one pure reducer for all verbs. Every place where the world
 * can fail is between two calls of it, so that a test can fail at all of them.
 */
import { announced, answeredAdd, beginAdd, concluded, startAdd } from './add.js'
import type { EngineEvent, EngineState, Transition } from './state.js'
import { answeredSurvey, beginCheck, beginSurvey } from './survey.js'
import { announcedUndo, answeredUndo, beginDelete, concludedUndo, setAside } from './undo.js'

/** The state before the first event. */
export const idle: EngineState = { phase: 'idle' }

/**
 * The state after an event, and the effects to perform. An event that a state does not wait for changes nothing: the
 * loop that drives the machine answers each effect once.
 */
export const step = (state: EngineState, event: EngineEvent): Transition => {
  switch (event.kind) {
    case 'begin':
      return state.phase === 'idle' ? begin(event) : [state, []]
    case 'stored':
      return stored(state, event.message)
    case 'answered':
      if (state.phase === 'adding') return answeredAdd(state.add, event.answer)
      if (state.phase === 'undoing') return answeredUndo(state.undo, event.answer)
      if (state.phase === 'surveying') return answeredSurvey(state.survey, event.answer)
      return [state, []]
  }
}

const begin = ({ command }: EngineEvent & { readonly kind: 'begin' }): Transition => {
  switch (command.verb) {
    case 'ADD':
      return beginAdd(command)
    case 'DEL':
      return beginDelete(command)
    case 'CHECK':
      return beginCheck(command)
    case 'STATUS':
    case 'GC':
      return beginSurvey(command)
  }
}

const stored = (state: EngineState, message: string | undefined): Transition => {
  switch (state.phase) {
    case 'announcing':
      return announced(state.add, message)
    case 'concluding':
      return concluded(state.add, state.added, message)
    case 'announcing-undo':
      return announcedUndo(state.undo, message)
    case 'concluding-undo':
      return concludedUndo(state.undo, message, startAdd)
    case 'setting-aside':
      return setAside(state.undone, message)
    default:
      return [state, []]
  }
}
