// "Answer more – be surer": the strictness of an answer, tied to what was measured when the reader was calibrated.

import { find } from "./dom.js";

const KEPT = "footnote:strictness";
const STRIDE = 0.04; // by how much the share of right answers differs from one stop to the next, at least
let stops = []; // of the published curve, least strict first: { coverage, right }
let balanced = 0; // the stop at which the reader is by itself

const inHundred = (share) => Math.round(share * 100);

// Without a published curve there is nothing to promise, and no slider.
export function setCurve({ curve, threshold }) {
  const rising = curve.filter(({ right }, at) => curve.slice(0, at).every((before) => before.right < right));
  const own = rising.findLast((one) => one.threshold <= threshold) || rising[0];
  stops = rising.filter((one) => one === own);
  for (const one of rising) if (one.right >= own.right + STRIDE && one.right >= stops.at(-1).right + STRIDE) stops.push(one);
  for (const one of [...rising].reverse()) if (one.right <= stops[0].right - STRIDE) stops.unshift(one);
  balanced = stops.indexOf(own);
  find("#strictness").hidden = stops.length < 2;
  if (stops.length < 2) return;
  const slider = find("#strict");
  slider.max = stops.length - 1;
  const kept = Number(localStorage.getItem(KEPT));
  const at = kept ? stops.findIndex(({ right }) => right >= kept) : balanced;
  slider.value = at < 0 ? stops.length - 1 : at;
  slider.addEventListener("input", () => {
    localStorage.setItem(KEPT, strictness().strictness || "");
    said();
  });
  startClosing(find("#strictness"));
  said();
}

// It lies over the conversation: Escape puts it away, and so does turning to anything else.
function startClosing(popover) {
  document.addEventListener("click", ({ target }) => (popover.open &&= popover.contains(target)));
  popover.addEventListener("focusout", ({ relatedTarget }) => (popover.open &&= !relatedTarget || popover.contains(relatedTarget)));
  popover.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !popover.open) return;
    event.stopPropagation();
    popover.open = false;
    find("summary", popover).focus();
  });
}

const at = () => Number(find("#strict").value);

// Where the reader's own balance is chosen there is nothing to ask for.
export function strictness() {
  return stops.length < 2 || at() === balanced ? {} : { strictness: stops[at()].right };
}

function said() {
  const { right, coverage } = stops[at()];
  const measured = `On our tests ${inHundred(right)} of 100 answers were right, and ${inHundred(coverage)} of 100 questions that the sources answer got one.`;
  const means = at() === balanced ? `The reader’s own balance. ${measured}` : measured;
  find("#strict").setAttribute("aria-valuetext", means);
  find("#strict-means").textContent = means;
  find("#strictness > summary").textContent = at() === balanced ? "Answers: balanced" : `Answers: right ${inHundred(right)} in 100`;
}
