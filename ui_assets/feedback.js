// Was it right? What was said is stored by the server beside the whole answer.

import { announce, button, find, h } from "./dom.js";
import { postJSON } from "./server.js";

const VERDICTS = {
  answered: [["right", "Yes"], ["wrong_answer", "Wrong answer"], ["wrong_evidence", "Wrong evidence"]],
  absent: [["right", "Yes"], ["in_the_source", "It is in the source"]],
};
// What else can be said of it, and under which name: `expected` is an answer.
const ASKED = {
  wrong_answer: ["expected", "What would be right? (if you know)"],
  wrong_evidence: ["comment", "Which words should have been cited? (if you know)"],
  in_the_source: ["expected", "What does the source say? (if you know)"],
};
const THANKS = "Noted, thank you.";

export function feedback(turn, keep) {
  const place = h("div.feedback", { role: "group", "aria-label": "Was this right?" });
  place.append(...(turn.feedback ? thanked() : choices(place, turn, keep)));
  return place;
}

const thanked = () => [h("span.quiet", {}, THANKS)];

function choices(place, turn, keep) {
  const act = (verdict, label) => (ASKED[verdict] ? details(place, turn, keep, verdict, label) : send(place, turn, keep, verdict));
  const offered = VERDICTS[turn.answer.answered ? "answered" : "absent"];
  const buttons = offered.map(([verdict, label]) => h("button.act", { type: "button", onclick: () => act(verdict, label) }, label));
  return [h("span.quiet", {}, "Right?"), ...buttons];
}

function details(place, turn, keep, verdict, label) {
  const [name, asked] = ASKED[verdict];
  const said = h("input", { type: "text", maxlength: 2000, "aria-label": asked, placeholder: asked });
  const form = h("form", { onsubmit: (event) => (event.preventDefault(), send(place, turn, keep, verdict, { [name]: said.value.trim() })) });
  const cancel = button("Cancel", () => place.replaceChildren(...choices(place, turn, keep)));
  form.append(h("span", {}, `${label}.`), said, h("button.plain", { type: "submit" }, "Send"), cancel);
  place.replaceChildren(form);
  said.focus();
}

async function send(place, turn, keep, verdict, said = {}) {
  for (const one of place.querySelectorAll("button")) one.disabled = true;
  try {
    await postJSON("api/feedback", { verdict, answer: turn.answer, ...said });
    turn.feedback = verdict;
    keep();
    place.replaceChildren(...thanked());
    announce(THANKS);
  } catch (error) {
    for (const one of place.querySelectorAll("button")) one.disabled = false;
    announce(error.message, true);
    find("button", place)?.focus();
  }
}
