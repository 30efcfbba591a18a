/**
 * One state for the page. Subscribers are told once per change, synchronously.
 * @template {Record<string, any>} S
 * @param {S} initial
 */
export function createStore(initial) {
  let state = initial;
  const watchers = new Set();
  return {
    /** @returns {S} */
    get: () => state,
    /** @param {Partial<S>} patch */
    set(patch) {
      const changed = new Set(Object.keys(patch).filter((key) => state[key] !== patch[key]));
      if (changed.size === 0) return;
      state = { ...state, ...patch };
      for (const { keys, tell } of [...watchers])
        if (keys.some((key) => changed.has(key))) tell(state, changed);
    },
    /** @param {string[]} keys @param {(state: S, changed: Set<string>) => void} tell */
    subscribe(keys, tell) {
      const watcher = { keys, tell };
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}
