// Elements of the page: found, made and announced. Text only ever becomes a text node.

export const find = (selector, within = document) => within.querySelector(selector);
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// h("button.plain", { type: "button", onclick: act, "aria-label": "…" }, "text", child): attributes as HTML has them;
// a function becomes a listener; false, null and undefined leave the attribute out.
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const button = (label, act, attributes = {}) =>
  h("button.plain", { type: "button", onclick: act, ...attributes }, label);

let fading = 0;

// Said by screen readers; `visibly` also shows it for a while.
export function announce(message, visibly = false) {
  const line = find("#announce");
  line.textContent = message;
  line.classList.toggle("seen", visibly);
  clearTimeout(fading);
  if (visibly) fading = setTimeout(() => line.classList.remove("seen"), 6000);
}

export const still = matchMedia("(prefers-reduced-motion: reduce)");
export const narrow = matchMedia("(max-width: 759px)");

export function scrollTo(element, block) {
  element.scrollIntoView({ block, behavior: still.matches ? "auto" : "smooth" });
}

// `text` on one line, cut at a word so that at most `length` characters and an ellipsis are left.
export function clipped(text, length) {
  const line = text.trim().replace(/\s+/g, " ");
  if (line.length <= length) return line;
  const cut = line.slice(0, length);
  return `${cut.slice(0, cut.lastIndexOf(" ") > 0 ? cut.lastIndexOf(" ") : length).replace(/[\s.,;:…-]+$/u, "")}…`;
}

export const counted = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
