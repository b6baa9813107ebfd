// The sheet of conversations: open, rename, delete, export; the look; the keys.

import { announce, button, counted, find, h } from "./dom.js";
import { download, FORMATS } from "./export.js";
import * as kept from "./kept.js";
import { LOOKS, look, setLook } from "./look.js";
import { begin, shownConversation } from "./thread.js";

export const KEYS = [
  ["Enter", "ask (Shift+Enter: a new line)"],
  ["↑ in the empty box", "edit the last question"],
  ["Enter on a footnote", "mark its words in the source"],
  ["← →", "the footnote before, the next one"],
  ["Esc", "stop; close; back to the answer"],
  ["Alt+Q", "the question box"],
  ["Alt+S", "the source"],
  ["Alt+L", "find in the source"],
  ["Alt+N", "a new conversation"],
  ["Alt+C", "conversations and keys"],
];

export function openSheet() {
  fill();
  find("#sheet").showModal();
}

export function startSheet() {
  const sheet = find("#sheet");
  find("#sheet-open").addEventListener("click", openSheet);
  sheet.addEventListener("click", ({ target }) => target === sheet && sheet.close());
}

function fill() {
  const conversations = kept.list();
  const head = h("header", {}, h("h2", {}, "Conversations"), button("Close", () => find("#sheet").close()));
  const list = conversations.length
    ? h("ul.conversations", {}, conversations.map(row))
    : h("p.quiet", {}, "None yet. They are kept in this browser only.");
  find("#sheet").replaceChildren(head, list, exports(), looks(), keys());
}

function row(one) {
  const current = one.id === shownConversation().id;
  const open = h("button.open", { type: "button", "aria-current": current ? "true" : null, onclick: () => (begin(one), find("#sheet").close()) });
  open.append(h("span", {}, one.title), h("small", {}, `${counted(one.turns.length, "question", "questions")} · ${day(one.at)}`));
  const item = h("li", {}, open);
  const rename = h("button.act", { type: "button", "aria-label": `Rename ${one.title}`, onclick: () => renaming(item, one) }, "Rename");
  const drop = h("button.act", { type: "button", "aria-label": `Delete ${one.title}`, onclick: () => deleting(item, one) }, "Delete");
  item.append(rename, drop);
  return item;
}

const day = (at) => (Number.isNaN(Date.parse(at)) ? "" : new Date(at).toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" }));

function renaming(item, one) {
  const name = h("input", { type: "text", value: one.title, maxlength: 120, "aria-label": "Name of the conversation" });
  const done = (event) => {
    event.preventDefault();
    const title = name.value.trim();
    if (title) kept.save({ ...one, title });
    if (title && one.id === shownConversation().id) shownConversation().title = title;
    fill();
  };
  item.replaceChildren(h("form", { onsubmit: done }, name, h("button.plain", { type: "submit" }, "Save"), button("Cancel", fill)));
  name.select();
}

function deleting(item, one) {
  const sure = button("Delete", () => {
    kept.forget(one.id);
    if (one.id === shownConversation().id) begin();
    announce("Deleted.");
    fill();
    find("#sheet button").focus();
  });
  item.replaceChildren(h("span", {}, `Delete “${one.title}”?`), sure, button("Keep", fill));
  sure.focus();
}

function exports() {
  const empty = !shownConversation().turns.length;
  const formats = Object.keys(FORMATS).map((format) => button(format, () => download(shownConversation(), format), { disabled: empty }));
  return h("section", {}, h("h2", {}, "Export this conversation"), h("div.row", {}, formats));
}

function looks() {
  const choices = LOOKS.map((name) => button(name, () => (setLook(name), fill()), { "aria-pressed": String(look() === name) }));
  return h("section", {}, h("h2", {}, "Look"), h("div.row", {}, choices));
}

function keys() {
  const rows = KEYS.map(([key, does]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, does)));
  return h("section", {}, h("h2", {}, "Keys"), h("dl.keys", {}, rows));
}
