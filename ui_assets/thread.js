// The conversation: its turns, asking, stopping, asking again, and what is kept of it.

import { failed, read, shown } from "./answer.js";
import { box, fill, setBusy } from "./box.js";
import { follow, unmark } from "./cite.js";
import { all, announce, button, clipped, find, h, narrow, scrollTo } from "./dom.js";
import { plainText } from "./export.js";
import { feedback } from "./feedback.js";
import * as kept from "./kept.js";
import { hindrance, limits } from "./limits.js";
import { growing } from "./sentences.js";
import { Failed, streamed } from "./server.js";
import { isEmpty, stateOf } from "./source.js";
import { firstRun, followUps, forget } from "./suggest.js";

const BUG = "Something went wrong on our side. Your question is kept; please try again.";
let conversation = kept.fresh();
let asking = null; // { index, controller } of the question that is being answered
let editing = null; // the number of the turn whose question is in the box to be changed

export const shownConversation = () => conversation;
const thread = () => find("#conversation");
const turnAt = (index) => find(`.turn[data-turn="${index}"]`);

// Conversations -----------------------------------------------------------------------------------------------------

export function begin(other = kept.fresh()) {
  stop();
  setEditing(null);
  conversation = other;
  kept.setCurrent(other.id);
  unmark();
  draw();
}

// What this tab showed before it was reloaded.
export function resume() {
  const before = kept.current() && kept.load(kept.current());
  begin(before || kept.fresh());
}

function keep() {
  conversation.at = new Date().toISOString();
  conversation.title ||= clipped(conversation.turns[0].question, 60);
  if (!kept.save(conversation)) announce("This browser keeps no more: export conversations, then delete some.", true);
}

// Drawing -----------------------------------------------------------------------------------------------------------

export function draw() {
  const turns = conversation.turns;
  thread().classList.toggle("first", !turns.length);
  thread().replaceChildren(...(turns.length ? turns.map(turn) : firstRun(isEmpty())));
  turnAt(turns.length - 1)?.scrollIntoView({ block: "start" });
}

// Other sources answer other questions to begin with.
export function sourcesChanged() {
  forget();
  if (!conversation.turns.length) draw();
}

function turn(one, index) {
  return h("article.turn", { "data-turn": index, "aria-label": `Question ${index + 1}` }, asked(one), outcome(one, index), actions(one, index));
}

const asked = ({ question }) => h("h2.asked", {}, h("span.unseen", {}, "You asked: "), question);

function outcome({ answer, error }, index) {
  if (answer) return shown(answer, stateOf);
  return failed(error || "This question was not answered.", button("Ask again", () => ask(conversation.turns[index].question, index)));
}

function actions(one, index) {
  if (!one.answer) return "";
  return h(
    "div.actions",
    { role: "group", "aria-label": "This answer" },
    h(
      "div.acts",
      {},
      h("button.act", { type: "button", onclick: () => copy(one) }, "Copy"),
      h("button.act", { type: "button", onclick: () => edit(index) }, "Edit question"),
      h("button.act", { type: "button", onclick: () => ask(one.question, index) }, "Ask again"),
    ),
    feedback(one, keep),
  );
}

async function copy({ answer }) {
  try {
    await navigator.clipboard.writeText(plainText(answer));
    announce("Copied, with its footnotes.", true);
  } catch {
    announce("This browser does not let the page copy. Select the answer and copy it yourself.", true);
  }
}

function redraw(index) {
  turnAt(index).replaceWith(turn(conversation.turns[index], index));
  return turnAt(index);
}

// Asking ------------------------------------------------------------------------------------------------------------

export function submit(typed) {
  if (!typed.trim() || asking) return;
  if (hindrance()) return announce(hindrance(), true);
  fill("", false);
  const index = editing;
  setEditing(null);
  if (index === null) return ask(typed, conversation.turns.length);
  // Later turns stood on the old question: they stay in the old conversation, this one goes on as a copy.
  if (index < conversation.turns.length - 1) {
    const { title } = conversation;
    conversation = { ...kept.fresh(), title: title && `${title} (edited)`, turns: conversation.turns.slice(0, index) };
    kept.setCurrent(conversation.id);
    draw();
    announce("Asked in a copy of this conversation. The earlier one is kept.", true);
  }
  return ask(typed, index);
}

// Asks as turn `index`, in place of what is there; the turns before it are the question's history.
export async function ask(question, index = conversation.turns.length) {
  if (asking) return;
  const ours = conversation;
  const now = (asking = { index, controller: new AbortController() });
  const before = ours.turns[index];
  const one = { question: question.trim(), answer: null, error: "" };
  ours.turns[index] = one;
  pending(one, index);
  try {
    one.answer = await answered(one.question, ours.turns.slice(0, index), now.controller.signal);
  } catch (error) {
    if (error.name === "AbortError") return stopped(ours, index, before, one);
    if (!(error instanceof Failed)) console.error(error);
    one.error = error instanceof Failed ? error.message : BUG;
  } finally {
    if (asking === now) asking = null;
    if (ours === conversation) setBusy(false);
  }
  if (ours === conversation) settle(one, index);
}

async function answered(question, before, signal) {
  const history = before.filter(({ answer }) => answer).map((one) => [one.question, one.answer.answer]);
  const progress = progressOf(question);
  let trouble = null; // a language model's, and an answer read without it follows; or the server's, and nothing does
  for await (const { event, data } of streamed("api/ask/stream", { question, history, ...limits() }, signal)) {
    if (event === "answer") return kept.answer(data);
    if (event === "error") trouble = data.detail;
    progress[event]?.(data);
  }
  throw trouble ? new Failed(trouble) : new Error("The stream ended before its answer.");
}

function pending(one, index) {
  setBusy(true);
  if (thread().classList.contains("first")) thread().replaceChildren();
  thread().classList.remove("first");
  const waiting = h("div.outcome", { "data-state": "pending" }, h("p.reading", {}, "Reading the source…"));
  const made = h("article.turn", { "data-turn": index, "aria-busy": "true" }, asked(one), waiting);
  turnAt(index) ? turnAt(index).replaceWith(made) : thread().append(made);
  find("#follow-ups")?.remove();
  scrollTo(made, "start");
  if (narrow.matches) box().blur(); // the keyboard of a phone would cover the answer
  announce("Reading the source.");
}

// Event → how it shows before the answer is whole; the answer then takes its place.
function progressOf(question) {
  const waiting = find(".outcome[data-state=pending]", turnAt(asking.index));
  const reading = find(".reading", waiting);
  const grown = growing(waiting);
  const instead = (act) => (data) => (reading.remove(), act(data));
  return {
    standalone_question: (alone) => alone !== question && waiting.prepend(read(alone)),
    delta: (data) => (data.text ? instead(grown.delta)(data) : null),
    text: instead(grown.text),
    error: () => (grown.error(), waiting.append(reading)),
  };
}

function settle(one, index) {
  keep();
  const made = redraw(index);
  scrollTo(made, "start");
  announce(find(".outcome", made).innerText);
  unmark();
  if (one.error && !box().value) fill(one.question);
  const footnote = find(".footnote", made);
  if (footnote && !narrow.matches) follow(footnote);
  if (one.answer && index === conversation.turns.length - 1) followUps(conversation, made);
}

export function stop() {
  asking?.controller.abort();
  asking = null;
  setBusy(false);
}

// A question that was stopped goes back into the box; an answer that it was to replace comes back.
function stopped(ours, index, before, one) {
  if (before) ours.turns[index] = before;
  else ours.turns.length = index;
  if (ours !== conversation) return;
  draw();
  if (!box().value) fill(one.question);
  announce("Stopped.", true);
}

// Editing -----------------------------------------------------------------------------------------------------------

export function edit(index = conversation.turns.length - 1) {
  if (asking || !conversation.turns[index]) return;
  setEditing(index);
  fill(conversation.turns[index].question);
}

export function cancelEdit() {
  if (editing === null) return false;
  setEditing(null);
  fill("");
  return true;
}

function setEditing(index) {
  editing = index;
  find("#editing").hidden = index === null;
  for (const one of all(".turn.edited")) one.classList.remove("edited");
  if (index !== null) turnAt(index).classList.add("edited");
}
