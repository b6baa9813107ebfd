// An answer as elements: its text with footnotes, its notes, how sure it is; or what came nearest.

import { clipped, h } from "./dom.js";
import { slice } from "./offsets.js";
import { meaning, word } from "./confidence.js";
import { byModel, line, written } from "./sentences.js";

const EXCERPT = 220;

const places = new WeakMap(); // a button that shows a place in a source → the citation or passage it stands for

export const placeOf = (element) => places.get(element);

export function shown(answer, changed = () => "") {
  const readAs = answer.standalone_question === answer.question ? null : read(answer.standalone_question);
  const notice = answer.notice ? h("p.notice", { role: "note" }, answer.notice) : null;
  return h("div.outcome", {}, readAs, notice, answer.answered ? answered(answer, changed) : absent(answer));
}

export const read = (alone) => h("p.read-as", {}, `Read as: “${alone}”`);

export function failed(message, ...remedies) {
  const said = h("div.failed", { role: "group" }, h("h3", {}, "That did not work"), h("p", {}, message), ...remedies);
  return h("div.outcome", { "data-state": "failed" }, said);
}

function answered(answer, changed) {
  const notes = answer.citations.map((citation) => note(citation, changed(citation.document.id, citation.source)));
  return h(
    "div.answered",
    { "data-state": "answered" },
    line(answer.mode, answer.answer, textWithFootnotes(answer)),
    h("ol.notes", { "aria-label": "Footnotes" }, notes),
    byModel(answer),
    sureness(answer),
  );
}

// The answer's text with each sentence's footnotes after it; a footnote that no sentence claims comes last.
function textWithFootnotes(answer) {
  const byNumber = new Map(answer.citations.map((citation) => [citation.number, citation]));
  const claimed = new Set();
  const parts = [];
  let at = 0;
  for (const sentence of answer.sentences) {
    const start = answer.answer.indexOf(sentence.text, at);
    if (start < 0 || !sentence.text) continue;
    parts.push(between(answer.answer.slice(at, start)), ...written(sentence, answer.mode));
    at = start + sentence.text.length;
    for (const number of sentence.citations) {
      if (byNumber.has(number)) parts.push(footnote(byNumber.get(number)));
      claimed.add(number);
    }
  }
  const unclaimed = answer.citations.filter((citation) => !claimed.has(citation.number));
  return [...parts, between(answer.answer.slice(at), !parts.length), ...unclaimed.map(footnote)];
}

// A sentence that is none of the source's is ours, such as what the sources leave open: it does not look like theirs.
const between = (text, whole = false) => (!whole && /\p{L}.*[.:?!]/su.test(text) ? h("span.aside", {}, text) : text);

function footnote(citation) {
  return h("sup", {}, place("footnote", citation, `Footnote ${citation.number}: ${clipped(citation.quote, 80)}`));
}

function place(kind, at, label) {
  const attributes = { type: "button", "aria-label": label, "data-document": at.document.id, "data-start": at.start };
  const made = h(`button.${kind}`, { ...attributes, "data-end": at.end, "data-number": at.number }, `${at.number ?? ""}`);
  places.set(made, at);
  return made;
}

function note(citation, state) {
  const number = place("number", citation, `Show footnote ${citation.number} in the source`);
  const page = citation.page ? `, page ${citation.page}` : "";
  const flag = state && h("span.stale", {}, ` ${state}`);
  return h("li", {}, number, h("div", {}, quoted(citation), " ", h("cite", {}, citation.document.title + page, flag)));
}

// The quote in bold within its whole sentence.
export function quoted(citation) {
  const [before, after] = around(citation);
  // The answer above may well be this whole sentence: the style shows no more than its beginning again.
  if (!before && !after) return h("p.whole", {}, `“${citation.quote}”`);
  return h("p", {}, `“${before}`, h("strong", {}, citation.quote), `${after}”`);
}

export function around({ context, context_start, start, quote }) {
  const before = slice(context, 0, Math.max(start - context_start, 0));
  const after = context.slice(before.length + quote.length);
  return before + quote + after === context ? [before, after] : ["", ""];
}

function sureness(answer) {
  const means = meaning(answer);
  return h("details.confidence", {}, h("summary", { "data-why": means }, word(answer.confidence)), h("p", {}, means));
}

function absent(answer) {
  const several = new Set(answer.nearest.map((near) => near.document.id)).size > 1;
  const nearest = answer.nearest.map((near) => h("li", {}, passage(near, several)));
  return h(
    "div.absent",
    { "data-state": "absent" },
    h("h3", {}, "Not in the source"),
    h("p", {}, answer.answer),
    nearest.length ? h("p.label", {}, "What came nearest. No answer was found in it.") : null,
    nearest.length ? h("ul.nearest", {}, nearest) : null,
  );
}

function passage(near, titled) {
  // A heading and the paragraph under it would run together on one line.
  const excerpt = clipped(near.text.trim().replace(/([\p{L}\p{N}])\n\s*\n/gu, "$1 — "), EXCERPT);
  const made = place("near", near, null);
  made.append(h("span", {}, excerpt), titled ? h("cite", {}, near.document.title) : "");
  return made;
}
