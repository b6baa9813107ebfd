// The question box, which Gradio draws: what is typed, Enter, Ask and Stop.

import { find } from "./dom.js";

export const box = () => find("#question textarea");

export function fill(question, focus = true) {
  box().value = question;
  // Gradio reads the box on this event only, and grows it then.
  box().dispatchEvent(new Event("input", { bubbles: true }));
  if (focus) box().focus();
}

// `asked` is called with what was typed, `stopped` when Stop is pressed, `again` on ArrowUp in an empty box.
export function startBox({ asked, stopped, again }) {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.target !== box() || event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) take(event, () => asked(box().value));
      else if (event.key === "ArrowUp" && !box().value) take(event, again);
    },
    { capture: true },
  );
  document.addEventListener(
    "click",
    (event) => {
      if (event.target.closest("#question .submit-button")) take(event, () => asked(box().value));
      else if (event.target.closest("#question .stop-button")) take(event, stopped);
    },
    { capture: true },
  );
}

// The event is ours: Gradio does not hear of it.
function take(event, act) {
  event.preventDefault();
  event.stopImmediatePropagation();
  act();
}

export function setBusy(busy) {
  find("#question").classList.toggle("busy", busy);
}
