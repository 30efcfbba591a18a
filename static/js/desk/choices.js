/** What a person decides about an import, as the server takes it. Pure. */

const OWN = { crs: null, encoding: null, map: {}, area_unit: null };
const NONE = { ...OWN, layers: [], skip: false, each: {} };

const ownOf = ({ mapping = {}, ...rest }) => ({ ...OWN, ...rest, map: mapping });

/** The choice about one file as it is now. @param {any} found an import @param {string} file */
export function choiceOf(found, file) {
  const { mapping = {}, each = {}, ...rest } = found.choices[file] ?? {};
  const own = Object.entries(each).map(([layer, one]) => [layer, ownOf(one)]);
  return { ...NONE, ...rest, map: mapping, each: Object.fromEntries(own) };
}

/**
 * What holds for one part: a file, or one of its layers.
 * @param {any} found an import @param {{file: string, chosen?: string | null}} part
 */
export function choiceFor(found, { file, chosen }) {
  const choice = choiceOf(found, file);
  const own = Object.entries(choice.each[chosen ?? ""] ?? {}).filter(([, value]) => value !== null);
  const { map = {}, ...rest } = Object.fromEntries(own);
  return { ...choice, ...rest, map: { ...choice.map, ...map } };
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
 * How parts of one file are to be read, as a change of the file: where that has several layers, each
 * goes its own way from then on, beginning with what was decided for all.
 * @param {any} found an import @param {{file: string, chosen?: string | null}[]} parts
 * @param {Record<string, unknown>} change
 */
export function readAs(found, parts, change) {
  const [{ file, chosen }] = parts;
  const { layers, each } = choiceOf(found, file);
  if (!chosen || (layers.length < 2 && !each[chosen])) return change;
  const meant = parts.map((part) => part.chosen);
  const own = Object.fromEntries(
    [...new Set([...layers, ...Object.keys(each)])].map((layer) => {
      const { crs, encoding, map, area_unit } = choiceFor(found, { file, chosen: layer });
      const now = { crs, encoding, map, area_unit };
      return [layer, meant.includes(layer) ? { ...now, ...change } : now];
    }),
  );
  return { ...OWN, each: own };
}

/**
 * A part left out, or taken in again: of several layers one goes, the last takes the file with it.
 * @param {any} found an import @param {{file: string, chosen?: string | null}} part @param {boolean} on
 */
export function taken(found, { file, chosen }, on) {
  const { layers } = choiceOf(found, file);
  if (on || layers.length < 2) return { skip: !on };
  return { layers: layers.filter((layer) => layer !== chosen) };
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

/** A part by its file and, where that does not say it, its layer. @param {any} part */
export function nameOf({ file, layer, chosen }) {
  const named = layer ?? chosen;
  return named && !file.startsWith(named) ? `${file} · ${named}` : file;
}
