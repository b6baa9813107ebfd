// The find box: every place of some words in the document, shown by the browser's own highlights, so that the text
// and its marks stay untouched.

import { find, scrollTo } from "./dom.js";
import { shownArticle } from "./source.js";

const MOST = 1000; // places shown; a single letter in a long document has many more
let ranges = [];
let at = -1;

export function startFind() {
  const box = find("#find");
  let timer = 0;
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    if (event.key === "Escape" && box.value) {
      event.stopPropagation();
      box.value = "";
      search();
    }
  });
  find("#find-back").addEventListener("click", () => go(-1));
  find("#find-on").addEventListener("click", () => go(1));
  document.addEventListener("footnote:document", search);
  // Marks split the text's nodes, and with them what was found.
  document.addEventListener("footnote:marked", () => look(at));
}

function search() {
  look(-1);
  if (ranges.length) go(1);
}

// Finds anew, and stays at the place with this number.
function look(now) {
  const wanted = find("#find").value.trim();
  const article = shownArticle();
  ranges = wanted && article ? places(article, wanted) : [];
  at = Math.min(now, ranges.length - 1);
  paint("found", ranges);
  paint("found-now", at < 0 ? [] : [ranges[at]]);
  report(wanted);
}

// Case and the kind of white space do not matter: "early May" is found across a line's end.
function places(article, wanted) {
  const pattern = wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
  const nodes = [];
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  let text = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    nodes.push([text.length, node]);
    text += node.data;
  }
  const found = [];
  for (const match of text.matchAll(new RegExp(pattern, "giu"))) {
    const range = document.createRange();
    range.setStart(...point(nodes, match.index, false));
    range.setEnd(...point(nodes, match.index + match[0].length, true));
    found.push(range);
    if (found.length === MOST) break;
  }
  return found;
}

// The node that holds the offset and where in it; an end belongs to the node that it closes.
function point(nodes, offset, closes) {
  let [low, high] = [0, nodes.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (closes ? nodes[middle][0] < offset : nodes[middle][0] <= offset) low = middle;
    else high = middle - 1;
  }
  return [nodes[low][1], offset - nodes[low][0]];
}

function go(by) {
  if (!ranges.length) return;
  at = (at + by + ranges.length) % ranges.length;
  paint("found-now", [ranges[at]]);
  const within = ranges[at].startContainer.parentElement;
  if (within) scrollTo(within, "center");
  report(find("#find").value.trim());
}

function paint(name, which) {
  if (!CSS.highlights) return;
  if (which.length) CSS.highlights.set(name, new Highlight(...which));
  else CSS.highlights.delete(name);
}

function report(wanted) {
  const many = ranges.length === MOST ? `${MOST}+` : ranges.length;
  find("#found").textContent = !wanted ? "" : ranges.length ? `${at + 1} of ${many}` : "not found";
  for (const one of [find("#find-back"), find("#find-on")]) one.disabled = ranges.length < 2;
}
