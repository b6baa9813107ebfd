// What a sentence of an answer is: the source's words, a model's that its footnote bears out, or a model's alone.
// Also while a model is still writing: its words are shown as not yet checked until their sentence comes verified.

import { h } from "./dom.js";
import { codePoints } from "./offsets.js";

export const EXTRACTIVE = "extractive";
const BRIEF = 70; // what was read out in at most this many characters is set large
const SHOWN = 40; // milliseconds between two looks at what is being written

export const line = (mode, text, ...parts) =>
  h(mode === EXTRACTIVE && codePoints(text) <= BRIEF ? "p.answer.brief" : "p.answer", {}, ...parts);

const FLAG = "no source bears this out";

// The sentence and what is said of it. Quotation marks around the source's own words are drawn, and not in the text.
export function written({ text, status }, mode) {
  if (mode === EXTRACTIVE && status !== "unsupported") return [text];
  const said = h(`span.sentence.${status}`, { "data-status": status }, text);
  return status === "unsupported" ? [said, h("small.flag", {}, FLAG)] : [said];
}

const COUNTED = [
  ["quoted", "word for word from the source, in quotation marks"],
  ["supported", "in the model’s words, borne out by its footnote"],
  ["unsupported", "borne out by no source"],
];

// Who wrote it, and how many of its sentences are what.
export function byModel({ mode, sentences }) {
  if (mode === EXTRACTIVE && sentences.every(({ status }) => status === "quoted")) return null;
  const many = COUNTED.map(([status, means]) => [sentences.filter((one) => one.status === status).length, means]);
  const told = many.filter(([count]) => count).map(([count, means]) => `${count} ${means}`);
  return h("p.author", {}, `Written by a language model. Its sentences: ${told.join("; ")}.`);
}

// A line that grows in `place` as events come. What was verified stays where it is; only what follows it changes.
export function growing(place) {
  const sure = h("span");
  const unsure = h("span.unchecked");
  let [raw, verified, timer] = ["", [], 0];
  const begun = (mode) => place.querySelector(".answer") || place.appendChild(line(mode, verified.join(" "), sure, unsure));
  const show = () => {
    timer = 0;
    unsure.textContent = unchecked(raw, verified);
  };
  return {
    delta({ text }) {
      if (!text) return;
      raw += text;
      begun("llm");
      timer ||= setTimeout(show, SHOWN);
    },
    text(sentence) {
      verified.push(sentence.text);
      const mode = raw ? "llm" : EXTRACTIVE;
      begun(mode);
      sure.append(sure.childNodes.length ? " " : "", ...written(sentence, mode));
      show();
    },
    // The model broke off: another answer follows.
    error() {
      clearTimeout(timer);
      [raw, verified, timer] = ["", [], 0];
      sure.replaceChildren();
      place.querySelector(".answer")?.remove();
    },
  };
}

// What a model has written after its last verified sentence, without its marks of passages and its thinking.
function unchecked(raw, verified) {
  const said = raw
    .replace(/<think(?:ing)?>.*?(?:<\/think(?:ing)?>|$)/gis, "")
    .replace(/\s*[[【][^\]】]*(?:[\]】]|$)|\*\*|__|`/g, "")
    .replace(/\s+/g, " ");
  let at = 0;
  for (const sentence of verified) {
    const found = said.indexOf(sentence, at);
    if (found >= 0) at = found + sentence.length;
  }
  return said.slice(at);
}
