import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, zipped } from "../../../static/js/desk/zip.js";

const bytes = (text) => new TextEncoder().encode(text);

/** Members by the central directory, as a reader of archives finds them. */
function members(zip) {
  const view = new DataView(zip.buffer, zip.byteOffset);
  const end = zip.length - 22;
  assert.equal(view.getUint32(end, true), 0x06054b50);
  const found = [];
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0; n--) {
    assert.equal(view.getUint32(at, true), 0x02014b50);
    const [size, length] = [view.getUint32(at + 24, true), view.getUint16(at + 28, true)];
    const name = new TextDecoder().decode(zip.subarray(at + 46, at + 46 + length));
    const local = view.getUint32(at + 42, true);
    assert.equal(view.getUint32(local, true), 0x04034b50);
    assert.ok(view.getUint16(local + 6, true) & 0x0800, "names are UTF-8");
    const start = local + 30 + view.getUint16(local + 26, true);
    const data = zip.subarray(start, start + size);
    assert.equal(view.getUint32(at + 16, true), crc32(data));
    found.push([name, new TextDecoder().decode(data)]);
    at += 46 + length;
  }
  return found;
}

test("what is put into a folder comes out of its zip", () => {
  const given = [
    ["补充/图斑.shp", "shapes"],
    ["补充/图斑.dbf", ""],
    ["补充/里层/a.txt", "文字"],
  ];
  const pieces = zipped(given.map(([name, text]) => ({ name, data: bytes(text) })));
  assert.deepEqual(members(new Uint8Array(Buffer.concat(pieces))), given);
});

test("the check sum is the one of zip", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf43926);
});
