/** What a link to the map says: batch, plot, filter, sort, search, zoom and centre (lon,lat). */
const NAMES = ["b", "plot", "f", "s", "q", "z", "c"];

/**
 * What the hash of a link says, of the names a page knows.
 * @param {string} hash @param {string[]} names
 * @returns {Record<string, string>}
 */
export function readHash(hash, names = NAMES) {
  const found = new URLSearchParams(hash.replace(/^#/, ""));
  return Object.fromEntries(
    names.filter((name) => found.get(name)).map((name) => [name, found.get(name) ?? ""]),
  );
}

/** The same as a hash; empty values are left out. @param {Record<string, unknown>} said */
export function writeHash(said, names = NAMES) {
  const given = new URLSearchParams();
  for (const name of names) if (said[name]) given.set(name, String(said[name]));
  const text = given.toString().replaceAll("%2C", ",");
  return text && `#${text}`;
}

/** Zoom and centre of a link, or null. @param {Record<string, string>} said */
export function place(said) {
  const [lon, lat] = (said.c ?? "").split(",").map(Number);
  const zoom = Number(said.z);
  const good = Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && zoom > 0 && zoom <= 22;
  return good ? { center: [lon, lat], zoom } : null;
}

/**
 * Where to go after signing in: a path of this site, never another site's.
 * @param {string | null} next
 * @param {string} origin
 */
export function safeNext(next, origin) {
  if (!next?.startsWith("/")) return "/";
  const url = URL.canParse(next, origin) ? new URL(next, origin) : null;
  return url?.origin === origin ? url.pathname + url.search + url.hash : "/";
}
