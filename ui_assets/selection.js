// Selecting words of an answer marks the sentence that fits them best, of all that the answer's sources say.

import { placeOf } from "./answer.js";
import { mark, unmark } from "./cite.js";
import { all, announce, clipped, narrow, scrollTo } from "./dom.js";
import { codePoints } from "./offsets.js";
import { getJSON } from "./server.js";
import { open } from "./source.js";

const LEAST = 0.4; // the share of the selected words, by weight, that a sentence must hold

export function startSelection() {
  let timer = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(timer);
    timer = setTimeout(selected, 350);
  });
}

async function selected() {
  const selection = getSelection();
  const wanted = new Set(words(selection.toString()));
  const within = selection.anchorNode?.parentElement?.closest(".answer");
  if (selection.isCollapsed || !within || !wanted.size) return;
  const cited = all(".number", within.closest(".turn")).map(placeOf);
  const best = await fitting(wanted, cited);
  if (selection.isCollapsed) return; // let go meanwhile
  if (!best) return announce("No sentence of the source fits what is selected.");
  const article = await open(best.document);
  if (!article) return;
  unmark();
  const [first] = mark(article, best.start, best.end, "match");
  if (first) scrollTo(first, "center");
  // On a phone the source is not in view, and it must not slide over what is being selected.
  announce(`The sentence that fits best: “${clipped(best.text, 300)}”`, narrow.matches);
}

const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];

// The sentence that holds most of the words, where a word counts the more the fewer sentences have it; of equals one
// that is cited, then the first.
async function fitting(wanted, cited) {
  const documents = [...new Set(cited.map(({ document }) => document.id))];
  const texts = await Promise.all(documents.map(textOf));
  const sentences = texts.flatMap((text, at) => [...sentencesOf(text, documents[at])]);
  const weights = new Map([...wanted].map((word) => [word, Math.log(1 + sentences.length / (1 + sentences.filter(({ held }) => held.has(word)).length))]));
  const weight = (some) => some.reduce((sum, word) => sum + weights.get(word), 0);
  const all = weight([...wanted]);
  let best = null;
  for (const one of sentences) {
    const share = weight([...wanted].filter((word) => one.held.has(word))) / all;
    const isCited = cited.some(({ document, start, end }) => document.id === one.document && one.start <= start && end <= one.end);
    const score = share + (isCited ? 0.01 : 0);
    if (share >= LEAST && (!best || score > best.score)) best = { ...one, score };
  }
  return best;
}

const textOf = (id) => getJSON(`api/documents/${encodeURIComponent(id)}`).then(({ text }) => text, () => "");

function* sentencesOf(text, document) {
  let at = 0;
  for (const { segment } of new Intl.Segmenter("en", { granularity: "sentence" }).segment(text)) {
    const start = at + codePoints(segment.match(/^\s*/)[0]);
    const said = segment.trim();
    at += codePoints(segment);
    if (said) yield { document, start, end: start + codePoints(said), text: said, held: new Set(words(said)) };
  }
}
