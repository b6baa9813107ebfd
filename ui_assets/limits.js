// What a question is limited to: the sources that are checked, and how sure an answer has to be.

import { isEmpty, known } from "./source.js";
import { strictness } from "./strictness.js";

const MOST = 1000; // sources that a question can be limited to by name
const left = new Set(); // ids of documents that are not to be asked

export const isAsked = (id) => !left.has(id);

export function setAsked(ids, asked) {
  for (const id of ids) asked ? left.delete(id) : left.add(id);
  document.dispatchEvent(new Event("footnote:limits"));
}

const asked = () => known().filter(({ id }) => isAsked(id));

// Why nothing can be asked as things are, or "".
export function hindrance() {
  const many = asked().length;
  if (isEmpty()) return "There are no sources yet. Add some, then ask.";
  if (known().length && !many) return "No source is checked. Check at least one in the list of sources.";
  if (many > MOST && many < known().length) return `A question can be limited to ${MOST} sources at most, or to none: check fewer, or all.`;
  return "";
}

// What goes along with a question; nothing about sources where all are asked.
export function limits() {
  const documents = asked().length === known().length ? {} : { documents: asked().map(({ id }) => id) };
  return { ...documents, ...strictness() };
}
