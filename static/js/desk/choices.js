/** What a person decides about an import, as the server takes it. Pure. */

const NONE = { crs: null, encoding: null, layers: [], map: {}, area_unit: null, skip: false };

/** The choice about one file as it is now. @param {any} found an import @param {string} file */
export function choiceOf(found, file) {
  const { mapping = {}, ...rest } = found.choices[file] ?? {};
  return { ...NONE, ...rest, map: mapping };
}

/**
 * The body of an adjustment: all choices as they are, with one file's changed.
 * @param {any} found an import @param {string} file @param {Record<string, unknown>} change
 */
export function adjusted(found, file, change) {
  const files = Object.fromEntries(
    Object.keys(found.choices).map((name) => [name, choiceOf(found, name)]),
  );
  return { files: { ...files, [file]: { ...files[file], ...change } } };
}

/**
 * A column given to a field, or to none. A field has one column and a column one field: what either
 * had before is free again. An empty header keeps a field from being found by itself.
 * @param {Record<string, string>} map field → header, as chosen so far
 * @param {{header: string, field: string | null}} column as it is now
 * @param {string | null} field what it is to be
 */
export function mapped(map, column, field) {
  const kept = Object.entries(map).filter(([, header]) => header !== column.header);
  const freed = column.field && column.field !== field ? { [column.field]: "" } : {};
  return { ...Object.fromEntries(kept), ...freed, ...(field ? { [field]: column.header } : {}) };
}

/** The step a state belongs to. @param {string | undefined} state */
export const stepOf = (state) =>
  ({ ready: "report", committing: "keep", done: "keep", retracting: "keep", retracted: "keep" })[
    state ?? ""
  ] ?? (state ? "check" : "send");

/** Whether the server is still at it. @param {string} state */
export const waits = (state) => ["queued", "running", "committing", "retracting"].includes(state);

/**
 * An import as it is shown while the server is at it: what was found before stays in sight, so that
 * a change does not empty the page for a second.
 * @param {any} before what was shown, or null @param {any} found what the server says now
 */
export function inSight(before, found) {
  if (!waits(found.state) || before?.id !== found.id) return found;
  const { found: looks, kinds, flags, counts, report } = before;
  return { ...found, found: looks, kinds, flags, counts, report };
}

/** Bytes as people read them. @param {number} bytes */
export function sized(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  const value = bytes / 1024 ** power;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power - 1]}`;
}
