// The list of sources: which are asked, each one to be read, added and removed.

import { all, announce, button, counted, find, h } from "./dom.js";
import { isAsked, setAsked } from "./limits.js";
import { rereading } from "./reread.js";
import { remove } from "./server.js";
import { isListed, known, open, refresh, shownArticle, stateOf, whenKnown } from "./source.js";
import { adder, showSending, startDrops } from "./upload.js";

const MANY = 8; // from so many documents on the list can be narrowed by typing
const MOST = 500; // rows drawn at once; the others are found by narrowing
let can = {}; // what this server offers: { upload, remove }
let wanted = ""; // what the list is narrowed to
let drawn = false; // whether the list shows what is known

export function startSources() {
  whenKnown(stale);
  document.addEventListener("footnote:listed", () => drawn || draw());
  document.addEventListener("footnote:limits", said);
}

export function setOffered(offered) {
  can = offered;
  if (can.upload) startDrops();
  stale();
}

function stale() {
  drawn = false;
  if (isListed()) draw();
  said();
}

function draw() {
  drawn = true;
  const documents = known();
  const tags = find("#tags")?.value || "";
  if (documents.length < MANY) wanted = "";
  find("#sources").replaceChildren(
    h("h2", {}, "Sources"),
    can.upload ? adder(tags) : "",
    documents.length >= MANY ? narrowing() : "",
    tagged(documents),
    documents.length > 1 ? everything() : "",
    h("ul.documents"),
    h("p.quiet", { id: "more" }),
  );
  showSending();
  drawRows();
}

const matching = () => known().filter((one) => told(one).toLowerCase().includes(wanted.toLowerCase()));
const told = (one) => [one.title, one.path, ...(one.tags || []).map((tag) => `#${tag}`), stateOf(one.id)].join(" · ");

function drawRows() {
  const documents = matching();
  find("#sources .documents").replaceChildren(...documents.slice(0, MOST).map(row));
  const left = documents.length - MOST;
  find("#more").textContent = left > 0 ? `and ${counted(left, "more", "more")}: narrow the list to see them` : "";
  said();
}

function row(one) {
  const box = h("input", { type: "checkbox", value: one.id, onchange: ({ target }) => setAsked([one.id], target.checked), "aria-label": `Ask ${one.title}` });
  const read = h("button.read", { type: "button", onclick: () => open(one.id) }, h("span", {}, one.title));
  const facts = [one.path, counted(one.characters, "character", "characters"), ...(one.tags || []).map((tag) => `#${tag}`)];
  read.append(h("small", {}, facts.join(" · "), h("span.stale", {}, ` ${stateOf(one.id)}`)));
  const item = h("li", { "data-id": one.id }, box, read, can.reread ? rereading(one) : "");
  if (can.remove) item.append(h("button.act", { type: "button", "aria-label": `Remove ${one.title}`, onclick: () => removing(item, one) }, "Remove"));
  return item;
}

function removing(item, one) {
  const before = [...item.childNodes];
  const put = () => (item.replaceChildren(...before), find(".act", item).focus());
  const sure = button("Remove", async () => {
    sure.disabled = true;
    try {
      await remove(`api/documents/${encodeURIComponent(one.id)}`);
    } catch (error) {
      put();
      return announce(error.message, true);
    }
    await removed(one);
  });
  item.replaceChildren(h("span.sure", {}, `Remove “${one.title}” from the index?`), sure, button("Keep", put));
  sure.focus();
}

async function removed({ id, title }) {
  setAsked([id], true);
  if (shownArticle()?.dataset.document === id) find("#source-text").replaceChildren();
  await refresh().catch((error) => announce(error.message, true));
  announce(`${title} was removed.`, true);
  find("#sources :is(input, button)")?.focus();
}

// Narrowing the list ------------------------------------------------------------------------------------------------

function narrowing() {
  const only = ({ target }) => ((wanted = target.value.trim()), drawRows());
  return h("input", { type: "search", id: "narrow", value: wanted, placeholder: "Narrow the list", "aria-label": "Narrow the list of sources", oninput: only });
}

function everything() {
  const box = h("input", { type: "checkbox", id: "ask-all", onchange: ({ target }) => setAsked(matching().map(({ id }) => id), target.checked) });
  return h("label.row", { for: "ask-all" }, box, h("span", { id: "ask-all-of" }));
}

function tagged(documents) {
  const named = [...new Set(documents.flatMap((one) => one.tags || []))].sort();
  if (!named.length) return "";
  const only = (tag) => {
    setAsked(known().map(({ id }) => id), false);
    setAsked(known().filter((one) => one.tags?.includes(tag)).map(({ id }) => id), true);
  };
  return h("div.row", { role: "group", "aria-label": "Ask only what carries a tag" }, h("span.quiet", {}, "Only"), named.map((tag) => button(`#${tag}`, () => only(tag))));
}

// Which are asked ---------------------------------------------------------------------------------------------------

const isAskedOne = ({ id }) => isAsked(id);

// The boxes and the line under the question box say which sources are asked.
function said() {
  const documents = known();
  const asked = documents.filter(isAskedOne).length;
  const everyone = asked === documents.length;
  find("#limits").hidden = documents.length < 2;
  find("#limits").textContent = everyone ? `All ${asked.toLocaleString("en")} sources` : `${asked.toLocaleString("en")} of ${counted(documents.length, "source", "sources")}`;
  for (const box of all("#sources .documents input[type=checkbox]")) box.checked = isAsked(box.value);
  const everything = find("#ask-all");
  if (!everything) return;
  const shown = wanted ? matching() : documents;
  everything.checked = shown.length > 0 && shown.every(isAskedOne);
  everything.indeterminate = !everything.checked && shown.some(isAskedOne);
  find("#ask-all-of").textContent = wanted ? "Ask these" : "Ask all of them";
}
