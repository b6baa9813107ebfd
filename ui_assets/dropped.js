// What was dropped on the page: its files, and those in its folders, at any depth.

// Must be called while the event lasts; resolves to Files.
export async function dropped({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  return entries.length ? (await Promise.all(entries.map(within))).flat() : [...files];
}

async function within(entry) {
  if (entry.name.startsWith(".")) return []; // what the system hides, such as .DS_Store
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
  const reader = entry.createReader();
  const found = [];
  // A reader hands out a hundred entries at a time, and none at the end.
  for (;;) {
    const more = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!more.length) return (await Promise.all(found.map(within))).flat();
    found.push(...more);
  }
}
