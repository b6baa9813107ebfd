// The page's own script, begun once Gradio has drawn the frame (ui_assets/frame.py). The conversation goes through
// the same HTTP API as every other client's; what is shown is built from its replies as text nodes.

import { box, startBox } from "./box.js";
import * as cards from "./card.js";
import { back, follow, from, isFollowed, step, unmark } from "./cite.js";
import { setCalibration } from "./confidence.js";
import { announce, find } from "./dom.js";
import { startFind } from "./find.js";
import { startLook } from "./look.js";
import { slide, slidOver, startPanes } from "./panes.js";
import { startSelection } from "./selection.js";
import { getJSON } from "./server.js";
import { openSheet, startSheet } from "./sheet.js";
import { open, refresh, showDocument, showList, whenKnown } from "./source.js";
import { setOffered, startSources } from "./sources.js";
import { setCurve } from "./strictness.js";
import * as thread from "./thread.js";

startLook();
whenDrawn(async () => {
  startPanes();
  cards.startCards();
  startFind();
  startSheet();
  startSources();
  startSelection();
  startBox({ asked: thread.submit, stopped: thread.stop, again: () => thread.edit() });
  thread.resume();
  let before = null; // which documents there were: others bring other questions to begin with
  whenKnown((documents) => {
    const now = documents.map(({ id, sha256 }) => id + sha256).join();
    if (before !== now && (before !== null || !now)) thread.sourcesChanged();
    before = now;
  });
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", pressed);
  find("#source-switch").addEventListener("change", ({ target }) => (unmark(), open(target.value)));
  getJSON("ui/offered").then(({ calibration, can }) => {
    setCalibration(calibration);
    setCurve(calibration);
    setOffered(can);
    document.body.classList.toggle("can-feedback", can.feedback);
    document.body.classList.toggle("can-open", can.file);
    document.body.classList.toggle("can-upload", can.upload);
  }, () => {});
  await refresh().catch((error) => announce(error.message, true));
});

function whenDrawn(begin) {
  const drawn = () => ["#conversation", "#question textarea", "#source-pane", "#announce"].every((one) => find(one));
  if (drawn()) return begin();
  const waiting = new MutationObserver(() => {
    if (!drawn()) return;
    waiting.disconnect();
    begin();
  });
  waiting.observe(document.documentElement, { childList: true, subtree: true });
}

const BUTTONS = {
  "#new": () => (thread.begin(), box().focus()),
  "#source-back": () => slide(false),
  "#source-open": (button) => slide(true, button),
  "#sources-open": (button) => (button.getAttribute("aria-expanded") === "true" ? showDocument() : showList()),
  "#limits": (button) => (showList(), slide(true, button)),
  "[data-add]": (button) => (slide(true, button), showList(), find("#files")?.focus()),
  "#step-back": () => step(-1),
  "#step-on": () => step(1),
  "#step-return": back,
  "#edit-cancel": thread.cancelEdit,
};

function clicked({ target }) {
  const cited = target.closest("[data-start]");
  const question = target.closest("[data-question]");
  if (cited) follow(cited);
  else if (question) thread.submit(question.dataset.question);
  else if (target.closest("mark.cited, mark.near") && isFollowed() && getSelection().isCollapsed) back();
  for (const [button, act] of Object.entries(BUTTONS)) if (target.closest(button)) act(target.closest(button));
}

// Letters come with Alt, so that typing and screen readers keep theirs (WCAG 2.1.4).
const LETTERS = {
  KeyQ: () => (slide(false), box().focus()),
  KeyS: () => (slide(true, document.activeElement), showDocument(), find("#source-text").focus()),
  KeyL: () => (slide(true, document.activeElement), showDocument(), find("#find").select()),
  KeyN: () => (slide(false), thread.begin(), box().focus()),
  KeyC: openSheet,
};

function pressed(event) {
  if (event.isComposing || find("#sheet").open) return;
  const { key, code, target } = event;
  if (event.altKey && !event.ctrlKey && !event.metaKey && LETTERS[code]) {
    event.preventDefault();
    LETTERS[code]();
  } else if (key === "Escape") escaped(target);
  else if (stepping(event)) {
    event.preventDefault();
    if (target.closest("[data-start]")) from(target);
    step(key === "ArrowRight" || key === "ArrowDown" ? 1 : -1);
  }
}

// Arrows step on a footnote or a passage; in the source, where up and down scroll, only left and right do.
function stepping({ key, target, altKey, ctrlKey, metaKey, shiftKey }) {
  if (altKey || ctrlKey || metaKey || shiftKey || !key.startsWith("Arrow")) return false;
  if (target.closest("[data-start]")) return true;
  return isFollowed() && Boolean(target.closest("#source-text, #steps")) && (key === "ArrowLeft" || key === "ArrowRight");
}

// The nearest thing that Escape can undo.
function escaped(target) {
  if (cards.hide()) return;
  if (slidOver()) return slide(false);
  if (target.closest("#source-pane") && isFollowed()) return back();
  if (find("#question").classList.contains("busy")) return thread.stop();
  thread.cancelEdit();
}
