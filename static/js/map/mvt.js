/**
 * @typedef {object} Feature one feature of a vector tile
 * @property {number} id
 * @property {number} type 1 point, 2 line, 3 polygon
 * @property {Int32Array} xy vertices x, y, x, y … in tile units, path after path
 * @property {number[]} starts where each path begins, counted in vertices, and the end
 * @property {number[]} box west, north, east, south in tile units
 * @property {Record<string, string | number>} props
 */

const WORDS = new TextDecoder();

/** Reads protobuf fields one after the other. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** Next varint; exact up to 2⁵³. */
  varint() {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
      if (byte === undefined || scale > 2 ** 63) throw new RangeError("tile cut off");
    }
  }

  part() {
    const size = this.varint();
    const start = this.at;
    this.at += size;
    if (this.at > this.bytes.length) throw new RangeError("tile cut off");
    return this.bytes.subarray(start, this.at);
  }

  /** @param {(field: number, reader: Reader) => boolean} take true if it read the value */
  fields(take) {
    while (this.at < this.bytes.length) {
      const key = this.varint();
      if (!take(key >> 3, this)) this.skip(key & 7);
    }
  }

  skip(wire) {
    if (wire === 0) this.varint();
    else if (wire === 1) this.at += 8;
    else if (wire === 2) this.part();
    else if (wire === 5) this.at += 4;
    else throw new RangeError(`wire type ${wire}`);
  }
}

/**
 * A tile as features by layer.
 * @param {ArrayBuffer | Uint8Array} data
 * @returns {Record<string, Feature[]>}
 */
export function decode(data) {
  const layers = {};
  new Reader(new Uint8Array(data)).fields((field, reader) => {
    if (field !== 3) return false;
    const { name, features } = layerOf(reader.part());
    layers[name] = features;
    return true;
  });
  return layers;
}

function layerOf(bytes) {
  const raw = [];
  const keys = [];
  const values = [];
  let name = "";
  new Reader(bytes).fields((field, reader) => {
    if (field === 1) name = WORDS.decode(reader.part());
    else if (field === 2) raw.push(reader.part());
    else if (field === 3) keys.push(WORDS.decode(reader.part()));
    else if (field === 4) values.push(readValue(reader.part()));
    else return false;
    return true;
  });
  return { name, features: raw.map((part) => featureOf(part, keys, values)) };
}

/** Texts and whole numbers: our tiles hold no other values. */
function readValue(bytes) {
  let value = "";
  new Reader(bytes).fields((field, reader) => {
    if (field === 1) value = WORDS.decode(reader.part());
    else if (field === 4 || field === 5) value = reader.varint();
    else return false;
    return true;
  });
  return value;
}

function featureOf(bytes, keys, values) {
  const feature = { id: 0, type: 0, xy: null, starts: [], box: [], props: {} };
  let commands = bytes.subarray(0, 0);
  new Reader(bytes).fields((field, reader) => {
    if (field === 1) feature.id = reader.varint();
    else if (field === 2) {
      const tags = new Reader(reader.part());
      while (tags.at < tags.bytes.length)
        feature.props[keys[tags.varint()]] = values[tags.varint()];
    } else if (field === 3) feature.type = reader.varint();
    else if (field === 4) commands = reader.part();
    else return false;
    return true;
  });
  return Object.assign(feature, pathsOf(commands));
}

/** Vertices, path starts and box of a geometry. Closing commands add no vertex. */
function pathsOf(bytes) {
  const reader = new Reader(bytes);
  const xy = [];
  const starts = [];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  let x = 0;
  let y = 0;
  while (reader.at < bytes.length) {
    const word = reader.varint();
    const command = word & 7;
    if (command === 7) continue;
    for (let n = word >> 3; n > 0; n--) {
      if (command === 1) starts.push(xy.length / 2);
      x += unzigzag(reader.varint());
      y += unzigzag(reader.varint());
      xy.push(x, y);
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  }
  starts.push(xy.length / 2);
  return { xy: Int32Array.from(xy), starts, box };
}

const unzigzag = (n) => (n % 2 ? -(n + 1) / 2 : n / 2);

/**
 * Numbers of short text: `3-9,14`.
 * @param {string} text
 * @returns {number[]}
 */
export function numbersOf(text) {
  const numbers = [];
  for (const part of text.split(",")) {
    const [first, last = first] = part.split("-").map(Number);
    for (let n = first; n <= last; n++) numbers.push(n);
  }
  return numbers;
}
