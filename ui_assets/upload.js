// Adding documents: chosen, or dropped anywhere on the page; with progress, and a word on each that could not be read.
// Files go one by one, so that one that fails takes no other with it; what comes meanwhile waits its turn.

import { announce, button, counted, find, h } from "./dom.js";
import { dropped } from "./dropped.js";
import { sent } from "./server.js";
import { refresh, showList } from "./source.js";

const PARTS_A_FILE = 1000; // of the bar: so that progress within one of many files shows
let waiting = []; // { file, name, tags } still to be sent
let names = new Set(); // of what is being sent
let batch = null; // what is being sent: { total, done, now: [name, share of it], added, failed, aborter }
let shown = []; // what is said about it, kept while the list is drawn anew

// The place to drop files on, at the top of the list of sources.
export function adder(tags = "") {
  const chosen = h("input", { type: "file", id: "files", multiple: true, onchange: ({ target }) => add([...target.files]) });
  return h(
    "div",
    { id: "adder" },
    h("label", { for: "files" }, h("strong", {}, "Add documents"), h("span", {}, "Drop files or folders here, or choose them.")),
    chosen,
    h("input", { type: "text", id: "tags", value: tags, placeholder: "Tags, with commas", "aria-label": "Tags for what is added" }),
    h("div", { id: "sending", role: "group", "aria-label": "Upload", hidden: true }),
  );
}

export function startDrops() {
  const files = ({ dataTransfer }) => dataTransfer && [...dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", async (event) => {
    document.body.classList.remove("dropping");
    if (!files(event)) return;
    event.preventDefault();
    const coming = dropped(event.dataTransfer); // read now: it is empty after the event
    showList();
    add(await coming);
  });
  addEventListener("beforeunload", (event) => batch && event.preventDefault());
}

function add(files) {
  const tags = find("#tags").value.split(",").map((one) => one.trim()).filter(Boolean);
  waiting.push(...files.map((file) => ({ file, name: free(file.name), tags })));
  if (!batch) return files.length && send();
  batch.total += files.length;
  return progress(...batch.now);
}

// Two files of one name, from two folders, are two documents: the second is "name (2)".
function free(name) {
  const [, stem, suffix = ""] = name.match(/^(.+?)(\.[^.]*)?$/s);
  let given = name;
  for (let number = 2; names.has(given); number += 1) given = `${stem} (${number})${suffix}`;
  names.add(given);
  return given;
}

async function send() {
  batch = { total: waiting.length, done: 0, now: ["", 0], added: 0, failed: [], aborter: new AbortController() };
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    await sendOne(next);
    batch.done += 1;
  }
  const { added, failed } = batch;
  const files = find("#files");
  batch = null;
  names = new Set();
  if (files) files.value = "";
  await refresh().catch((error) => failed.push({ name: "The list of sources", reason: error.message }));
  report(added, failed);
}

async function sendOne({ file, name, tags }) {
  const form = new FormData();
  form.append("files", file, name);
  for (const tag of tags) form.append("tags", tag);
  try {
    const { documents, failed } = await sent("api/documents", form, (share) => progress(name, share), batch.aborter.signal);
    batch.added += documents.length;
    batch.failed.push(...failed.map(({ name, reason }) => ({ name, reason: after(name, reason) })));
  } catch (error) {
    const stopped = error.name === "AbortError";
    batch.failed.push({ name, reason: stopped ? "Stopped." : after(name, error.message) });
  }
}

// The reason without the file's place on the server, which tells a reader nothing.
function after(name, reason) {
  const at = reason.indexOf(`${name}: `);
  return at < 0 ? reason : reason.slice(at + name.length + 2);
}

function stop() {
  const rest = waiting.splice(0);
  batch.failed.push(...rest.map(({ name }) => ({ name, reason: "Stopped." })));
  batch.aborter.abort();
}

// What is said of a file being sent changes in place, so that the Stop button keeps the focus.
function progress(name, share) {
  const { total, done } = batch;
  batch.now = [name, share];
  const which = total > 1 ? `${done + 1} of ${total}: ${name}` : name;
  const said = share < 1 ? `Sending ${which}…` : `Reading and indexing ${which}…`;
  let bar = find("#sending progress");
  if (!bar) {
    bar = h("progress", { max: PARTS_A_FILE });
    show(h("div.row", {}, h("p.sure"), button("Stop", stop)), bar);
  }
  find("#sending p").textContent = said;
  bar.setAttribute("aria-label", said);
  // Of the last step nobody knows how long it takes.
  if (share < 1 || total > 1) bar.value = (PARTS_A_FILE * (done + Math.min(share, 0.9))) / total;
  else bar.removeAttribute("value");
}

function report(added, failed) {
  const told = added ? `${counted(added, "document", "documents")} added.` : "";
  const lines = failed.map(({ name, reason }) => h("li", {}, h("strong", {}, name), ` ${reason}`));
  show(told ? h("p", {}, told) : "", lines.length ? h("p.stale", {}, "Not added:") : "", lines.length ? h("ul", {}, lines) : "");
  announce([told, ...failed.map(({ name, reason }) => `${name} was not added. ${reason}`)].join(" "));
}

function show(...parts) {
  shown = parts.filter(Boolean);
  showSending();
}

export function showSending() {
  const place = find("#sending");
  if (!place) return;
  place.hidden = !shown.length;
  place.replaceChildren(...shown);
}
