/**
 * Decides when the simulated process that drives a node and a journal dies: at a numbered crash point, or on demand; and
 * whether the plugins that it has started go on without it. After its death nothing that it waits for ever settles; its
 * files and the node's links remain.
 */

/** How a process dies. */
export interface DriverProcessOptions {
  /**
   * Asked at every death: whether plugins that run then go on, as they do when the process alone is killed. By default
   * they die with it, as they do with the power or a control group.
   */
  readonly sparesPlugins?: () => boolean
}

/** The process whose death a test rehearses. The node and the journal of one test share it. */
export interface DriverProcess {
  readonly isDead: boolean
  /**
   * How many crash points were passed since the process was made, over all its lives. A clean run's count is the number
   * of tests to write: one for each `crashAt(0)` to `crashAt(points - 1)`.
   */
  readonly points: number
  /**
   * Resolves when the process has died and all that it was doing has come to rest, with the place; after `restart` it is
   * another promise.
   */
  readonly crashed: Promise<string>
  /** Dies when it reaches the crash point of this number, counted from 0. */
  crashAt(point: number): void
  /** Dies now. `sparesPlugins`: whether its plugins go on; what it was made with decides by default. */
  crash(where: string, sparesPlugins?: boolean): void
  /** Ends the plugins that have outlived a death, in the middle of whatever they do: the power is cut. */
  endOrphans(): void
  /** A new life on the same node: what was awaited before stays unsettled, locks are gone. */
  restart(): void
  /** Passes a crash point. False: the process died here, and the caller must not go on. */
  pass(where: string): boolean
  /** A promise that settles as the given one does, but never when the present life ends first. */
  whileAlive<A>(promise: Promise<A>): Promise<A>
  /** A function that tells whether the life of now still lasts. */
  witness(): () => boolean
  /** A function that tells whether a plugin that is started now may still go on: also after a death that spares it. */
  pluginWitness(): () => boolean
  /** Calls the listener at every restart. */
  onRestart(listener: () => void): void
}

/** A process that lives. */
export const createDriverProcess = (options: DriverProcessOptions = {}): DriverProcess => {
  const listeners: (() => void)[] = []
  /** The lives whose plugins go on without them. */
  const survived = new Set<number>()
  const deadly = new Set<number>()
  let life = 0
  let isDead = false
  let points = 0
  let report: (where: string) => void = () => {}
  const newLife = (): Promise<string> =>
    new Promise((resolve) => {
      report = resolve
    })
  let crashed = newLife()

  const crash = (where: string, sparesPlugins = options.sparesPlugins?.() ?? false): void => {
    if (isDead) return
    isDead = true
    if (sparesPlugins) survived.add(life)
    // Whatever goes on without waiting meets the dead process before anybody can restart it.
    void turn().then(() => report(where))
  }
  const witness = (): (() => boolean) => {
    const own = life
    return () => !isDead && own === life
  }
  const whileAlive = async <A>(promise: Promise<A>): Promise<A> => {
    const isAlive = witness()
    const outcome = await promise.then(
      (value) => () => value,
      (error) => () => Promise.reject(error),
    )
    return isAlive() ? outcome() : never()
  }

  return {
    get isDead() {
      return isDead
    },
    get points() {
      return points
    },
    get crashed() {
      return crashed
    },
    crashAt: (point) => {
      deadly.add(point)
    },
    crash,
    endOrphans: () => survived.clear(),
    restart: () => {
      life++
      isDead = false
      crashed = newLife()
      for (const listener of listeners) listener()
    },
    pass: (where) => {
      if (isDead) return false
      if (deadly.delete(points++)) crash(where)
      return !isDead
    },
    whileAlive,
    witness,
    pluginWitness: () => {
      const isAlive = witness()
      const own = life
      return () => isAlive() || survived.has(own)
    },
    onRestart: (listener) => {
      listeners.push(listener)
    },
  }
}

/** A turn of the event loop: every promise that can settle without the outside has settled before it. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    // Browsers have the slower one alone.
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve, 0)
  })

/** A promise that never settles: what a dead process waits for. */
export const never = <A>(): Promise<A> => new Promise(() => {})
