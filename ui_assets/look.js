// Light, dark, or as the system has it. Gradio sets the class `dark` on the body by the system; a choice outweighs it.

const KEPT = "footnote:look";
const system = matchMedia("(prefers-color-scheme: dark)");

export const LOOKS = ["System", "Light", "Dark"];
export const look = () => (LOOKS.includes(localStorage.getItem(KEPT)) ? localStorage.getItem(KEPT) : "System");

export function setLook(name) {
  localStorage.setItem(KEPT, name);
  apply();
}

function apply() {
  const dark = look() === "System" ? system.matches : look() === "Dark";
  if (document.body.classList.contains("dark") !== dark) document.body.classList.toggle("dark", dark);
}

export function startLook() {
  apply();
  system.addEventListener("change", apply);
  new MutationObserver(apply).observe(document.body, { attributeFilter: ["class"] });
}
