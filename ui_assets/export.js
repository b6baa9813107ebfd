// A conversation as Markdown, HTML or JSON, and an answer as plain text: always with its footnotes.

import { h } from "./dom.js";

// "six months [1]" and under it each footnote with its sentence and its place.
export function plainText(answer) {
  const notes = answer.citations.map((one) => `[${one.number}] “${one.quote}” — ${where(one)}`);
  return [numbered(answer), ...notes].join("\n\n");
}

function where({ document, page, start, end }) {
  return [document.title, page && `page ${page}`, document.path, `characters ${start}–${end}`].filter(Boolean).join(", ");
}

const UNSUPPORTED = " (no source bears this out)";

// The answer's text with [1] after each sentence that cites it.
function numbered(answer, mark = (number) => ` [${number}]`) {
  let text = "";
  let at = 0;
  const claimed = new Set();
  for (const sentence of answer.sentences) {
    const start = answer.answer.indexOf(sentence.text, at);
    if (start < 0) continue;
    const flag = sentence.status === "unsupported" ? UNSUPPORTED : "";
    text += answer.answer.slice(at, start) + sentence.text + flag + sentence.citations.map(mark).join("");
    at = start + sentence.text.length;
    for (const number of sentence.citations) claimed.add(number);
  }
  const rest = answer.citations.map(({ number }) => number).filter((number) => !claimed.has(number));
  return text + answer.answer.slice(at) + rest.map(mark).join("");
}

// What Markdown would read as its own is escaped.
const literal = (text) => text.replace(/([\\`*_{}[\]<>()#+!|~&$-])/g, "\\$1").replace(/\s*\n\s*/g, " ");

function markdown({ title, turns }) {
  const blocks = [`# ${literal(title)}`];
  turns.forEach(({ question, answer, error }, index) => {
    blocks.push(`## ${literal(question)}`);
    if (!answer) return blocks.push(literal(error || "Not answered."));
    const plain = { ...answer, answer: literal(answer.answer), sentences: answer.sentences.map((one) => ({ ...one, text: literal(one.text) })) };
    const mark = (number) => `[^${index + 1}-${number}]`;
    blocks.push(answer.answered ? numbered(plain, mark) : `**Not in the source.** ${literal(answer.answer)}`);
    for (const one of answer.citations) blocks.push(`[^${index + 1}-${one.number}]: “${literal(one.quote)}” — ${literal(where(one))}`);
  });
  return `${blocks.join("\n\n")}\n`;
}

const STYLE =
  "body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:1.0625rem/1.6 Georgia,serif;color:#22201c;background:#fbfaf7}" +
  "h2{margin-top:2.5rem;font-size:1.125rem;font-family:system-ui,sans-serif}ol{color:#5f5a52;font-size:.9375rem}";

function html({ title, turns }) {
  const page = document.implementation.createHTMLDocument(title);
  page.documentElement.lang = "en";
  page.head.prepend(h("meta", { charset: "utf-8" }));
  page.head.append(h("style", {}, STYLE));
  page.body.append(h("h1", {}, title), ...turns.flatMap(exported));
  return `<!DOCTYPE html>\n${page.documentElement.outerHTML}\n`;
}

function exported({ question, answer, error }, index) {
  const asked = h("h2", {}, question);
  if (!answer) return [asked, h("p", {}, error || "Not answered.")];
  if (!answer.answered) return [asked, h("p", {}, h("strong", {}, "Not in the source. "), answer.answer)];
  const id = (number) => `note-${index + 1}-${number}`;
  const parts = numbered(answer, (number) => `\u0000${number}\u0000`).split("\u0000");
  const text = parts.map((part, at) => (at % 2 ? h("sup", {}, h("a", { href: `#${id(part)}` }, part)) : part));
  const notes = answer.citations.map((one) => h("li", { id: id(one.number), value: one.number }, h("q", {}, one.quote), ` ${where(one)}`));
  return [asked, h("p", {}, text), h("ol", {}, notes)];
}

const json = ({ title, at, turns }) =>
  `${JSON.stringify({ title, at, turns: turns.map(({ question, answer, error }) => ({ question, answer, ...(error && { error }) })) }, null, 2)}\n`;

export const FORMATS = {
  Markdown: { write: markdown, suffix: "md", type: "text/markdown" },
  HTML: { write: html, suffix: "html", type: "text/html" },
  JSON: { write: json, suffix: "json", type: "application/json" },
};

export function download(conversation, format) {
  const { write, suffix, type } = FORMATS[format];
  const title = conversation.title || "Conversation";
  const address = URL.createObjectURL(new Blob([write({ ...conversation, title })], { type: `${type};charset=utf-8` }));
  const name = title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").toLowerCase();
  h("a", { href: address, download: `${name || "conversation"}.${suffix}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
