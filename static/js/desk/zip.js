/**
 * A folder as one file: a zip without compression, names in UTF-8. The server reads archives; what a
 * browser sends one by one would lose which files belong together.
 */

const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const UTF8 = 0x0800;
const DAY = 33; // 1980-01-01: what a folder was copied at says nothing about it

/** Most bytes and files of a zip without its later extensions. */
export const MOST = { bytes: 2 ** 32 - 2 ** 20, files: 65_534 };

/**
 * @param {{name: string, data: Uint8Array}[]} members
 * @returns {Uint8Array<ArrayBuffer>[]} pieces of the zip, in their order
 */
export function zipped(members) {
  const pieces = [];
  const entries = [];
  let at = 0;
  for (const { name, data } of members) {
    const path = new TextEncoder().encode(name);
    const about = [20, UTF8, 0, 0, DAY, crc32(data), data.length, data.length, path.length, 0];
    pieces.push(record(LOCAL, about, "HHHHHIIIHH"), path, data);
    const more = [20, ...about, 0, 0, 0, 0, at];
    entries.push(record(ENTRY, more, "HHHHHHIIIHHHHHII"), path);
    at += 30 + path.length + data.length;
  }
  const size = entries.reduce((sum, piece) => sum + piece.length, 0);
  const n = members.length;
  return [...pieces, ...entries, record(END, [0, 0, n, n, size, at, 0], "HHHHIIH")];
}

/** A signature and numbers behind it, little-endian: H takes two bytes, I four. */
function record(signature, numbers, form) {
  const bytes = new Uint8Array(
    4 + [...form].reduce((sum, kind) => sum + (kind === "H" ? 2 : 4), 0),
  );
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  let at = 4;
  [...form].forEach((kind, i) => {
    if (kind === "H") view.setUint16(at, numbers[i], true);
    else view.setUint32(at, numbers[i], true);
    at += kind === "H" ? 2 : 4;
  });
  return bytes;
}

const TABLE = new Uint32Array(256).map((_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {Uint8Array} data */
export function crc32(data) {
  let sum = 0xffffffff;
  for (const byte of data) sum = (sum >>> 8) ^ TABLE[(sum ^ byte) & 255];
  return (sum ^ 0xffffffff) >>> 0;
}
