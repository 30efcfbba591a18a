/**
 * A map that forgets what was used least lately.
 * @template V
 * @param {number} limit
 */
export function createLru(limit) {
  /** @type {Map<string, V>} */
  const held = new Map();
  return {
    /** @param {string} key @returns {V | undefined} */
    get(key) {
      const value = held.get(key);
      if (value === undefined) return undefined;
      held.delete(key);
      held.set(key, value);
      return value;
    },
    /** @param {string} key @param {V} value */
    set(key, value) {
      held.delete(key);
      held.set(key, value);
      if (held.size > limit) held.delete(held.keys().next().value);
    },
    clear: () => held.clear(),
    get size() {
      return held.size;
    },
  };
}
