// Questions that the sources answer: to begin with, and after an answer. The server made and tried them.

import { find, h } from "./dom.js";
import { getJSON, postJSON } from "./server.js";

let opening = null; // the questions to begin with, asked for once

const HINTS = [
  "Ask in your own words: the answer is looked up in your sources.",
  "Choose a footnote to see the exact words that it stands on.",
  "Where the sources do not say, you are told so.",
];

export function firstRun(empty) {
  return [h("h1", {}, empty ? "Add your sources." : "Ask the source."), hints(), empty ? toAdd() : examples()];
}

const hints = () => h("ol.hints", {}, HINTS.map((hint) => h("li", {}, hint)));

const toAdd = () =>
  h(
    "div.begin",
    {},
    h("p", {}, "There is nothing to ask yet: drop files or folders anywhere on this page, or choose them."),
    h("button.plain.uploads", { type: "button", "data-add": true }, "Add documents"),
  );

function examples() {
  const list = h("ul.examples", { "aria-label": "Questions to begin with", "aria-busy": "true" });
  opening ||= getJSON("ui/examples").catch(() => ({ questions: [] }));
  opening.then(({ questions }) => {
    list.removeAttribute("aria-busy");
    list.replaceChildren(...questions.map((question) => h("li", {}, suggestion("example", question))));
    if (!questions.length) opening = null; // nothing yet: the next look asks anew
  });
  return list;
}

export function forget() {
  opening = null;
}

const suggestion = (kind, question) => h(`button.${kind}`, { type: "button", "data-question": question }, question);

// Offers up to three, at the end of the last turn, once they are known; nothing above them moves.
export async function followUps(conversation, turn) {
  const cited = conversation.turns.at(-1).answer.citations[0];
  if (!cited) return;
  const asked = conversation.turns.flatMap(({ question, answer }) => [question, answer?.standalone_question || question]);
  const body = { document: cited.document.id, start: cited.start, asked: asked.slice(-40) };
  const { questions } = await postJSON("ui/follow-ups", body).catch(() => ({ questions: [] }));
  if (!questions.length || !turn.isConnected || turn.nextElementSibling) return;
  const buttons = questions.map((question) => h("li", {}, suggestion("follow-up", question)));
  turn.append(h("div", { id: "follow-ups" }, h("p.label", {}, "The source also answers"), h("ul", {}, buttons)));
}
