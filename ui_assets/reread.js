// A document whose file has changed since it was indexed is read again, when the reader wants it.

import { announce, h } from "./dom.js";
import { postJSON } from "./server.js";
import { open, refresh, shownArticle } from "./source.js";

// The button for it; "" where the file is as it was.
export function rereading({ id, title, source }) {
  if (source !== "changed") return "";
  return h("button.act", { type: "button", "aria-label": `Read ${title} again`, onclick: ({ target }) => read(target, id, title) }, "Read again");
}

async function read(act, id, title) {
  act.disabled = true;
  try {
    await postJSON(`api/documents/${encodeURIComponent(id)}/reindex`, {});
    const shown = shownArticle()?.dataset.document === id;
    await refresh();
    if (shown) await open(id, true);
    announce(`${title} was read again.`, true);
  } catch (error) {
    act.disabled = false;
    announce(error.message, true);
  }
}
