// From a footnote to its exact characters in the source, from one footnote to the next, and back to the answer.

import { placeOf } from "./answer.js";
import { all, announce, find, h, narrow, scrollTo } from "./dom.js";
import { pieces, slice } from "./offsets.js";
import { slide } from "./panes.js";
import { open, original, shownArticle } from "./source.js";

let current = null; // the button that was followed last, where "back" leads

export async function follow(cited) {
  const place = placeOf(cited);
  const kind = cited.classList.contains("near") ? "near" : "cited";
  current = cited;
  slide(true, cited);
  let article = await open(place.document.id);
  if (article && !holds(article, place)) article = await open(place.document.id, true); // indexed anew meanwhile
  if (!article || current !== cited) return;
  unmark();
  if (!holds(article, place)) return announce("This document has changed since it was cited.", true);
  const also = kind === "cited" ? others(cited, place) : [];
  for (const other of also.filter((other) => holds(article, other))) mark(article, other.start, other.end, "also");
  const [first, ...rest] = mark(article, place.start, place.end, kind);
  (rest.at(-1) || first)?.setAttribute("data-number", place.number || "");
  for (const same of siblings(cited).filter((one) => placeOf(one) === place)) same.setAttribute("aria-current", "true");
  cited.setAttribute("aria-current", "true");
  strip(); // first: it takes room from the text
  const seen = [first, ...rest].find((piece) => piece?.getClientRects().length);
  if (seen) scrollTo(seen, "center");
  document.dispatchEvent(new Event("footnote:marked"));
  announce(`Shown in the source: ${marked(article, kind)}`);
}

const holds = (article, { start, end, quote, text }) => slice(article.textContent, start, end) === (quote ?? text);

const siblings = (cited) => all("[data-start]", cited.closest(".turn"));

// The other places in the same document that the same answer cites.
function others(cited, place) {
  const cites = all(".number", cited.closest(".turn")).map(placeOf);
  return cites.filter((other) => other !== place && other.document.id === place.document.id);
}

const marked = (article, kind) => all(`mark.${kind}`, article).map((piece) => piece.textContent).join("");

export function unmark() {
  for (const one of all("[data-start][aria-current]")) one.removeAttribute("aria-current");
  for (const piece of all("#source-text mark")) piece.replaceWith(...piece.childNodes);
  shownArticle()?.normalize();
  find("#steps").hidden = true;
  document.dispatchEvent(new Event("footnote:marked"));
}

// Wraps characters `start` to `end` of the article's text in mark elements and returns them in order.
export function mark(article, start, end, kind) {
  return pieces(article, start, end).map(([node, from, to]) => {
    const middle = node.splitText(from);
    middle.splitText(to - from);
    const wrap = h(`mark.${kind}`);
    middle.replaceWith(wrap);
    wrap.append(middle);
    return wrap;
  });
}

// Steps -------------------------------------------------------------------------------------------------------------

// What can be stepped through: the footnotes in the answer, or the passages that came nearest.
function steps() {
  const turn = current?.isConnected && current.closest(".turn");
  if (!turn) return [];
  return current.classList.contains("near") ? all(".near", turn) : all(".number", turn);
}

const position = (among) => among.findIndex((one) => placeOf(one) === placeOf(current));

function strip() {
  const among = steps();
  const noun = current.classList.contains("near") ? "Passage" : "Footnote";
  find("#steps").hidden = false;
  find("#step-where").textContent = `${noun} ${position(among) + 1} of ${among.length}`;
  for (const one of all("#step-back, #step-on")) one.hidden = among.length < 2;
  const { document: cited, page } = placeOf(current);
  const link = find("#step-original");
  link.hidden = !page || !/\.pdf$/i.test(cited.path);
  link.href = original(cited.id, page);
  link.textContent = `PDF, page ${page}`;
}

// The next one (by = 1) or the one before (by = -1), around the end.
export function step(by) {
  const among = steps();
  if (!among.length) return;
  const next = among[(position(among) + by + among.length) % among.length];
  const moved = document.activeElement?.closest(".turn") ? next : null;
  follow(sameKind(next));
  if (moved && !narrow.matches) current.focus();
}

// A step from a mark in the answer's line leads to a mark in the line, one from the notes to a note.
function sameKind(next) {
  if (!current.classList.contains("footnote")) return next;
  return all(".footnote", current.closest(".turn")).find((one) => placeOf(one) === placeOf(next)) || next;
}

export const isFollowed = () => Boolean(current?.isConnected) && !find("#steps").hidden;

// To the footnote from which the mark was reached.
export function back() {
  if (narrow.matches) return slide(false);
  if (!current?.isConnected) return find("#question textarea").focus();
  scrollTo(current, "nearest");
  return current.focus({ preventScroll: true });
}

export function from(cited) {
  if (placeOf(cited)) current = cited;
}
