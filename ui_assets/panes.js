// Two panes: a divider between them on a screen, a source that slides over the chat on a phone.

import { find, narrow } from "./dom.js";

const KEPT = "footnote:split";
const [LEAST, MOST, START] = [28, 72, 46]; // the conversation's share of the width, in hundredths
let opener = null; // what opened the pane on a phone, where focus returns

export function slide(shown, from = null) {
  if (!narrow.matches) return;
  document.body.classList.toggle("source-open", shown);
  find("#chat").inert = shown;
  find("#bar").inert = shown;
  if (shown && from) opener = from;
  const target = shown ? find("#source-back") : opener;
  // The conversation may have been replaced while the pane was open.
  (target && target.isConnected ? target : find("#question textarea")).focus({ preventScroll: true });
}

export const slidOver = () => document.body.classList.contains("source-open");

export function startPanes() {
  split(Number(localStorage.getItem(KEPT)) || START);
  const divider = find("#divider");
  divider.addEventListener("pointerdown", (event) => {
    divider.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  divider.addEventListener("pointermove", ({ pointerId, clientX }) => {
    if (divider.hasPointerCapture(pointerId)) split((clientX / innerWidth) * 100);
  });
  divider.addEventListener("dblclick", () => split(START));
  divider.addEventListener("keydown", (event) => {
    const now = Number(divider.getAttribute("aria-valuenow"));
    const to = { ArrowLeft: now - 2, ArrowRight: now + 2, Home: LEAST, End: MOST, Enter: START }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    split(to);
  });
  narrow.addEventListener("change", () => {
    document.body.classList.remove("source-open");
    find("#chat").inert = false;
    find("#bar").inert = false;
  });
}

function split(share) {
  const held = Math.round(Math.min(Math.max(share, LEAST), MOST));
  find("#panes").style.setProperty("--split", `${held}%`);
  find("#divider").setAttribute("aria-valuenow", held);
  localStorage.setItem(KEPT, held);
}
