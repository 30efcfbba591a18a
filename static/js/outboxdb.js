/** The outbox on disk: what was done here is in IndexedDB before it is sent. */

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Each tab writes its own records only, so that none is lost to another tab. */
export async function openOutbox() {
  const opening = indexedDB.open("georeview", 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("outbox", { keyPath: "id" });
  };
  const database = await answered(opening);
  return {
    /** @returns {Promise<any[]>} oldest first */
    async all() {
      const held = database.transaction("outbox").objectStore("outbox");
      return (await answered(held.getAll())).sort((a, b) => a.seq - b.seq);
    },
    /** @param {any[]} put @param {string[]} gone */
    write: (put, gone) =>
      new Promise((resolve, reject) => {
        const writing = database.transaction("outbox", "readwrite", { durability: "strict" });
        const held = writing.objectStore("outbox");
        for (const id of gone) held.delete(id);
        for (const entry of put) held.put(entry);
        writing.oncomplete = resolve;
        writing.onabort = () => reject(writing.error);
      }),
  };
}

/** A random id; `crypto.randomUUID` is not there on plain http. */
export function newId() {
  const random = [...crypto.getRandomValues(new Uint8Array(16))];
  return random.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
