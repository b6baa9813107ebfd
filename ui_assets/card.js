// The small card over a footnote: the quote in its sentence. It can be pointed at, and Escape puts it away (WCAG 1.4.13).

import { placeOf, quoted } from "./answer.js";
import { find, h } from "./dom.js";

const DELAY = 120;
let owner = null;
let timer = 0;

export function startCards() {
  const card = find("#card");
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "touch") return;
    const over = owning(target);
    if (over) later(() => show(over));
    else if (!card.contains(target)) later(hide);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", ({ target }) => {
    const over = target.matches(":focus-visible") && owning(target);
    if (over) show(over);
    else if (owner) hide();
  });
  document.addEventListener("scroll", scrolled, { capture: true, passive: true });
}

// To come to it by keyboard may have scrolled: its card goes along. Under a pointer it would cover what is moving.
function scrolled() {
  if (owner?.matches(":focus-visible") && inView(owner)) put(owner);
  else hide();
}

function inView(one) {
  const { top, bottom } = one.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

const owning = (target) => target.closest?.(".footnote, [data-why]");

function later(act) {
  clearTimeout(timer);
  timer = setTimeout(act, DELAY);
}

function show(over) {
  clearTimeout(timer);
  if (!over.isConnected || owner === over) return;
  hide();
  const card = find("#card");
  card.replaceChildren(...content(over));
  card.hidden = false;
  owner = over;
  over.setAttribute("aria-describedby", "card");
  put(over);
}

// The card above what it belongs to, or below it where there is no room.
function put(over) {
  const card = find("#card");
  const at = over.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left - 16, innerWidth - width - 8));
  const above = at.top - height - 8;
  card.style.left = `${left}px`;
  card.style.top = `${above > 8 ? above : at.bottom + 8}px`;
}

function content(over) {
  const place = placeOf(over);
  if (!place) return [h("p", {}, over.dataset.why)];
  const page = place.page ? `, page ${place.page}` : "";
  return [quoted(place), h("cite", {}, place.document.title + page)];
}

export function hide() {
  clearTimeout(timer);
  if (!owner) return false;
  owner.removeAttribute("aria-describedby");
  owner = null;
  find("#card").hidden = true;
  return true;
}
