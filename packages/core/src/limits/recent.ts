/** What was used lately, by key: a map that holds no more than so many. */
export interface Recent<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  delete(key: string): void
  /** How many keys are held. */
  size(): number
}

/**
 * Makes a map of at most so many keys. It has two generations: keys that are asked for move into the young one, and when
 * that is full the old one is dropped whole. So what is in use stays and what is not goes, without a list or a timer.
 */
export function createRecent<Value>(keysMax: number): Recent<Value> {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()

  const set = (key: string, value: Value) => {
    if (young.size >= keysMax / 2 && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    set,
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older === undefined) return undefined
      old.delete(key)
      set(key, older)
      return older
    },
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
    size: () => young.size + old.size,
  }
}
