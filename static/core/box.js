/**
 * A small box on disk: items by key, in the order in which they were put in first. IndexedDB where it is allowed, else memory,
 * which then lasts as long as the page. Knows nothing of what the items mean.
 */
const STORE = "items";

/** @returns {{all: () => Promise<object[]>, put: (item: object) => Promise<void>, delete: (key: string) => Promise<void>}} */
export function openBox(name) {
  const memory = new Map();
  const database = open(name).catch(() => null);
  const run = async (mode, work, otherwise) => {
    const db = await database;
    if (!db) return otherwise();
    try {
      return await transaction(db, mode, work);
    } catch {
      return otherwise(); // disk full, or the browser closed the database under us
    }
  };
  let last = 0;
  const numbers = new Map();
  const number = (key) => {
    last = Math.max(last + 1, Date.now());
    if (!numbers.has(key)) numbers.set(key, last);
    return numbers.get(key);
  };
  return {
    async all() {
      const rows = await run("readonly", (store) => store.getAll(), () => []);
      for (const row of rows) numbers.set(row.key, row.n);
      return [...rows, ...memory.values()].sort((a, b) => a.n - b.n).map(({ n, ...item }) => item);
    },
    put(item) {
      // Promises cannot be cloned into the database.
      const { kept, ...rest } = item;
      const row = { ...rest, n: number(item.key) };
      return run("readwrite", (store) => store.put(row), () => void memory.set(row.key, row));
    },
    delete(key) {
      memory.delete(key);
      return run("readwrite", (store) => store.delete(key), () => undefined);
    },
  };
}

function open(name) {
  return new Promise((done, failed) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

function transaction(db, mode, work) {
  return new Promise((done, failed) => {
    // Strict: a message that shows as waiting is on the disk, not only in the browser's memory.
    const change = db.transaction(STORE, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    const request = work(change.objectStore(STORE));
    change.oncomplete = () => done(request.result);
    change.onerror = change.onabort = () => failed(change.error);
  });
}
