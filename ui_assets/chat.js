"use strict";

// The page's own script: shows a document in the source pane, and marks in it the characters that a footnote cites.
// Everything is found through the document and its events, because Gradio replaces the conversation at every turn.

(() => {
  const find = (selector) => document.querySelector(selector);
  const narrow = matchMedia("(max-width: 759px)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  let wanted = 0; // the newest request for a document; an older reply that comes late is dropped
  let opener = null; // what opened the pane on a narrow screen, where focus returns

  // The document in the pane -------------------------------------------------------------------------------------

  async function open(id, sha) {
    const ours = ++wanted;
    const shown = find("#source-text article");
    if (shown && shown.dataset.document === id && (!sha || shown.dataset.sha === sha)) return shown;
    const reply = await fetch(`ui/source/${encodeURIComponent(id)}`).catch(() => null);
    const text = reply && reply.ok ? await reply.text() : null;
    if (ours !== wanted) return null;
    if (text === null) return tell("This document cannot be shown. It may have been removed since.");
    // The server wrote this fragment and escaped every character of the document in it.
    find("#source-text").innerHTML = text;
    find("#source-text").scrollTop = 0;
    const article = find("#source-text article");
    name(article.dataset);
    return article;
  }

  function name({ document: id, title }) {
    const list = find("#source-switch");
    if (!list) {
      find("#source-title").textContent = title;
      return;
    }
    // A document that was added after the page was opened.
    if (![...list.options].some((option) => option.value === id)) list.add(new Option(title, id));
    list.value = id;
  }

  function tell(message) {
    const line = document.createElement("p");
    line.className = "quiet";
    line.textContent = message;
    find("#source-text").replaceChildren(line);
    announce(message);
    return null;
  }

  // Marks --------------------------------------------------------------------------------------------------------

  async function show(cited) {
    const { document: id, sha, start, end } = cited.dataset;
    setPane(true, cited);
    const article = await open(id, sha);
    if (!article) return;
    unmark();
    if (article.dataset.sha !== sha) return announce("This document has changed since it was cited.", true);
    const kind = cited.classList.contains("near") ? "near" : "cited";
    if (kind === "cited") for (const other of others(cited)) mark(article, other.start, other.end, "also");
    const [first] = mark(article, start, end, kind);
    cited.setAttribute("aria-current", "true");
    if (first) first.scrollIntoView({ block: "center", behavior: still.matches ? "auto" : "smooth" });
    announce(`Shown in the source: ${marked(article, kind)}`);
  }

  // The other places in the same document that the same answer cites.
  function others(cited) {
    const { document: id, start, end } = cited.dataset;
    return [...cited.closest(".turn").querySelectorAll(".number")]
      .map((note) => note.dataset)
      .filter((other) => other.document === id && (other.start !== start || other.end !== end));
  }

  const marked = (article, kind) =>
    [...article.querySelectorAll(`mark.${kind}`)].map((piece) => piece.textContent).join("");

  function unmark() {
    for (const current of document.querySelectorAll("[aria-current]")) current.removeAttribute("aria-current");
    for (const piece of document.querySelectorAll("#source-text mark")) piece.replaceWith(...piece.childNodes);
    find("#source-text")?.normalize();
  }

  // Wraps characters `start` to `end` of the article's text in mark elements and returns them in order.
  function mark(article, start, end, kind) {
    return pieces(article, Number(start), Number(end)).map(([node, from, to]) => {
      const middle = node.splitText(from);
      middle.splitText(to - from);
      const wrap = document.createElement("mark");
      wrap.className = kind;
      middle.replaceWith(wrap);
      wrap.append(middle);
      return wrap;
    });
  }

  // Offsets count code points, as Python does; a JavaScript string counts UTF-16 units, two for an astral character.
  function pieces(article, start, end) {
    const found = [];
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    for (let at = 0, node = walker.nextNode(); node && at < end; node = walker.nextNode()) {
      const length = codePoints(node.data);
      const from = units(node.data, Math.max(start - at, 0));
      const to = units(node.data, Math.min(end - at, length));
      if (from < to) found.push([node, from, to]);
      at += length;
    }
    return found;
  }

  function codePoints(text) {
    let count = 0;
    for (const _ of text) count += 1;
    return count;
  }

  function units(text, points) {
    let at = 0;
    for (let left = points; left > 0 && at < text.length; left -= 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
    return at;
  }

  // On a narrow screen the pane slides over the chat ---------------------------------------------------------------

  function setPane(shown, from = null) {
    if (!narrow.matches) return;
    document.body.classList.toggle("source-open", shown);
    find("#chat").inert = shown;
    if (shown) opener = from;
    const target = shown ? find("#source-back") : opener;
    // The conversation may have been replaced while the pane was open.
    (target && target.isConnected ? target : box()).focus({ preventScroll: true });
  }

  narrow.addEventListener("change", () => {
    document.body.classList.remove("source-open");
    if (find("#chat")) find("#chat").inert = false;
  });

  // The chat -----------------------------------------------------------------------------------------------------

  const box = () => find("#question textarea");

  function fill(question) {
    box().value = question;
    // Gradio reads the box on this event only.
    box().dispatchEvent(new Event("input", { bubbles: true }));
    box().focus();
  }

  function ask(question) {
    fill(question);
    // Gradio takes the new value over in its next update.
    setTimeout(() => find("#question .submit-button").click(), 50);
  }

  function announce(message, visibly = false) {
    find("#announce").textContent = message;
    find("#announce").classList.toggle("seen", visibly);
  }

  let last = "";

  function turned() {
    const turn = [...document.querySelectorAll("#thread .turn")].pop();
    const outcome = turn && turn.querySelector("[data-state]");
    const now = outcome ? `${turn.dataset.turn} ${outcome.dataset.state}` : "";
    if (now === last) return;
    last = now;
    if (!outcome) return;
    turn.scrollIntoView({ block: "start", behavior: still.matches ? "auto" : "smooth" });
    if (outcome.dataset.state === "pending") {
      // The keyboard of a phone would cover the answer.
      if (narrow.matches) box().blur();
      return announce("Reading the source.");
    }
    announce(outcome.innerText);
    unmark();
    if (outcome.dataset.restore && !box().value) fill(outcome.dataset.restore);
    const footnote = outcome.querySelector(".footnote");
    if (footnote && !narrow.matches) show(footnote);
  }

  function started() {
    const pane = find("#source-pane");
    if (!pane || pane.dataset.started) return;
    pane.dataset.started = "yes";
    if (pane.dataset.first) open(pane.dataset.first);
  }

  new MutationObserver(() => {
    started();
    turned();
  }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("click", ({ target }) => {
    const cited = target.closest("[data-start]");
    const question = target.closest("[data-question]");
    if (cited) show(cited);
    else if (question) ask(question.dataset.question);
    else if (target.closest("#source-back")) setPane(false);
    else if (target.closest("#source-open")) setPane(true, target.closest("#source-open"));
  });

  document.addEventListener("change", ({ target }) => {
    if (target.id !== "source-switch") return;
    unmark();
    open(target.value);
  });

  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && document.body.classList.contains("source-open")) setPane(false);
  });
})();
