import { $ } from "../dom.js";
import { MOST, zipped } from "./zip.js";

const ARCHIVE = /\.(zip|7z|rar|tar|tgz|gz|kmz)$/i;
const HIDDEN = /(^|\/)(\.|__MACOSX|Thumbs\.db$)/;

/**
 * Files put into the page: dropped, chosen, or a whole folder.
 * @param {{take: (files: File[]) => void, open: () => boolean}} parts `open` tells whether the page
 *   takes files now
 */
export function createDrop({ take, open }) {
  const zone = $("drop");
  const hover = (on) => zone.classList.toggle("is-over", on);

  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    hover(open());
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) hover(false);
  });
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    hover(false);
    if (!open()) return;
    const entries = [...event.dataTransfer.items]
      .filter((item) => item.kind === "file")
      .map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
    take(await gathered(entries));
  });
  $("files").addEventListener("change", ({ target }) => {
    take([...target.files]);
    target.value = "";
  });
  $("folder").addEventListener("change", async ({ target }) => {
    const files = [...target.files].map((file) => ({ file, path: file.webkitRelativePath }));
    target.value = "";
    if (files.length) take(await packed(files[0].path.split("/")[0], files));
  });
}

/** Files as they are; each folder as one. @param {any[]} entries */
async function gathered(entries) {
  const found = await Promise.all(
    entries.map(async (entry) => {
      if (entry instanceof File) return [entry];
      if (entry.isFile) return [await fileOf(entry)];
      return packed(entry.name, await inside(entry, entry.name));
    }),
  );
  return found.flat();
}

const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/** Every file in a folder, with its path from there. */
async function inside(folder, path) {
  const found = [];
  for (const entry of await listed(folder)) {
    const at = `${path}/${entry.name}`;
    if (entry.isFile) found.push({ file: await fileOf(entry), path: at });
    else found.push(...(await inside(entry, at)));
  }
  return found;
}

/** A browser hands over a folder a hundred entries at a time. */
async function listed(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}

/** A folder as one archive; archives that lie in it are files of their own. */
async function packed(name, files) {
  const seen = files.filter(({ path }) => !HIDDEN.test(path));
  const archives = seen.filter(({ path }) => ARCHIVE.test(path)).map(({ file }) => file);
  const rest = seen.filter(({ path }) => !ARCHIVE.test(path)).slice(0, MOST.files);
  if (!rest.length) return archives;
  const members = await Promise.all(
    rest.map(async ({ file, path }) => ({
      name: path,
      data: new Uint8Array(await file.arrayBuffer()),
    })),
  );
  return [...archives, new File(zipped(members), `${name}.zip`, { type: "application/zip" })];
}
