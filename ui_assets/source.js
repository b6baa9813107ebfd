// The source pane: one document, typeset by the server, or the list of all of them.

import { all, announce, counted, find, h } from "./dom.js";
import { getJSON, getText } from "./server.js";

let wanted = 0; // the newest request for a document; an older reply that comes late is dropped
let documents = null; // what GET api/documents says, once it has said it
const listeners = [];

export const known = () => documents || [];
export const isEmpty = () => documents?.length === 0;
export const whenKnown = (listener) => listeners.push(listener);
export const shownArticle = () => find("#source-text article");

const STATES = {
  changed: "The file has changed since it was indexed: what you read here is its earlier text.",
  missing: "The file is no longer where it was indexed from: what you read here is its kept text.",
};
const SHORT = { changed: "· changed since it was indexed", missing: "· its file is gone" };

// In few words, what has become of a document's file since it was indexed; "" where nothing has. `told` is what an
// answer says of it, which may be newer than the list.
export const stateOf = (id, told) => SHORT[known().find((one) => one.id === id)?.source] || SHORT[told] || "";

// Reads which documents there are, and tells everybody who asked to know.
export async function refresh() {
  const before = known().length;
  documents = await everyPage();
  fillSwitch();
  for (const listener of listeners) listener(documents);
  if (!documents.length) empty();
  else if (!before && !shownArticle()) await load(documents[0].id);
}

async function everyPage() {
  const found = [];
  for (let after = ""; after !== null; ) {
    const page = await getJSON(`api/documents${after && `?after=${encodeURIComponent(after)}`}`);
    found.push(...page.documents);
    after = page.next;
  }
  return found;
}

function fillSwitch() {
  const list = find("#source-switch");
  const shown = list.value;
  list.replaceChildren(...documents.map(({ id, title }) => h("option", { value: id }, title)));
  if (documents.some(({ id }) => id === shown)) list.value = shown;
  list.hidden = documents.length < 2;
  find("#source-title").hidden = !list.hidden;
}

function empty() {
  find("#source-title").textContent = "";
  find("#source-text").replaceChildren(
    h(
      "div.empty",
      {},
      h("h2", {}, "No sources yet"),
      h("p.uploads", {}, "Add your documents, then ask them."),
      h("button.plain.uploads", { type: "button", "data-add": true }, "Add documents"),
      h("p.quiet", {}, "On the command line: ", h("code", {}, "qa index FOLDER")),
    ),
  );
}

// The article of the document, in the pane; null when it cannot be shown or another was asked for meanwhile.
export function open(id, anew = false) {
  showDocument();
  return load(id, anew);
}

async function load(id, anew = false) {
  const ours = ++wanted;
  const shown = shownArticle();
  if (shown && shown.dataset.document === id && !anew) return shown;
  const pane = find("#source-text");
  pane.setAttribute("aria-busy", "true");
  const text = await getText(`ui/source/${encodeURIComponent(id)}`).catch((error) => error);
  if (ours !== wanted) return null;
  pane.removeAttribute("aria-busy");
  if (text instanceof Error) return cannot(text.status === 404 ? "This document is no longer in the index." : text.message);
  // The server wrote this fragment and escaped every character of the document in it.
  pane.innerHTML = text;
  pane.scrollTop = 0;
  const article = shownArticle();
  pane.prepend(front(article));
  name(article.dataset);
  return article;
}

// Title and particulars, before the text and no part of it; a title that the text begins with is not said twice.
function front(article) {
  const { document: id, title } = article.dataset;
  const about = known().find((one) => one.id === id);
  const said = (heading) => [...heading.childNodes].filter((one) => one.className !== "markup").map((one) => one.textContent).join("");
  const same = (heading) => said(heading).trim().replace(/\s+/g, " ") === title.trim();
  const titled = all("h2, h3", article).slice(0, 3).some(same);
  const pages = all(".page", article).length;
  const facts = [about?.path, pages && counted(pages, "page", "pages"), about && counted(about.characters, "character", "characters")];
  return h(
    "div.front",
    {},
    titled ? null : h("h2.title", {}, title),
    h("p.quiet", {}, facts.filter(Boolean).join(" · "), h("span.offered", {}, " · ", h("a", { href: original(id), target: "_blank", rel: "noopener" }, "open the original"))),
    STATES[about?.source] ? h("p.stale", { role: "note" }, STATES[about.source]) : null,
  );
}

function name({ document: id, title }) {
  const list = find("#source-switch");
  // A document that was added after the page was opened.
  if (![...list.options].some((option) => option.value === id)) list.append(h("option", { value: id }, title));
  list.value = id;
  find("#source-title").textContent = title;
  document.dispatchEvent(new CustomEvent("footnote:document", { detail: known().find((one) => one.id === id) || { id } }));
}

function cannot(message) {
  find("#source-text").replaceChildren(h("p.quiet", {}, message));
  announce(message);
  return null;
}

// Where the file that was indexed can be had; a browser opens a PDF at the page.
export const original = (id, page) => `api/documents/${encodeURIComponent(id)}/file${page ? `#page=${page}` : ""}`;

// The list and a document take turns in the pane.
export const isListed = () => !find("#sources").hidden;

export function showDocument() {
  toggle(false);
}

export function showList() {
  toggle(true);
}

function toggle(listed) {
  find("#sources").hidden = !listed;
  find("#source-pane").classList.toggle("listed", listed);
  find("#sources-open").setAttribute("aria-expanded", listed);
  if (listed) document.dispatchEvent(new Event("footnote:listed"));
}
