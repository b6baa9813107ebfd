// Conversations kept in this browser, each under its own key, so that two tabs do not overwrite each other.
// What is read back may be anything: it is brought into shape here, and shown as text everywhere.

const PREFIX = "footnote:conversation:";
const CURRENT = "footnote:current";

export function fresh() {
  return { id: crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`, title: "", at: "", turns: [] };
}

// Newest first; what cannot be read is left where it is and left out here.
export function list() {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  const kept = keys.map((key) => load(key.slice(PREFIX.length))).filter(Boolean);
  return kept.sort((one, other) => other.at.localeCompare(one.at));
}

export function load(id) {
  try {
    return shaped(JSON.parse(localStorage.getItem(PREFIX + id)), id);
  } catch {
    return null;
  }
}

// Whether it could be kept: the browser may refuse, or be full.
export function save(conversation) {
  try {
    localStorage.setItem(PREFIX + conversation.id, JSON.stringify(conversation));
    return true;
  } catch {
    return false;
  }
}

export function forget(id) {
  localStorage.removeItem(PREFIX + id);
}

// The conversation of this tab: it is there again after a reload.
export const current = () => sessionStorage.getItem(CURRENT);
export const setCurrent = (id) => sessionStorage.setItem(CURRENT, id);

function shaped(value, id) {
  if (!value || !Array.isArray(value.turns)) return null;
  const turns = value.turns.map(turn).filter(Boolean);
  return turns.length ? { id, title: text(value.title), at: text(value.at), turns } : null;
}

function turn(value) {
  if (!value || !text(value.question)) return null;
  return { question: text(value.question), answer: answer(value.answer), error: text(value.error), feedback: text(value.feedback) };
}

const text = (value) => (typeof value === "string" ? value : "");
const whole = (value) => (Number.isSafeInteger(value) && value >= 0 ? value : 0);
const share = (value) => (typeof value === "number" && value >= 0 && value <= 1 ? value : 0);
const many = (value, shape) => (Array.isArray(value) ? value.map(shape).filter(Boolean) : []);
const source = (value) => ({ id: text(value?.id), title: text(value?.title), path: text(value?.path) });

// An Answer as the API gives it, whatever else it holds; null where there is none.
export function answer(value) {
  if (!value || typeof value !== "object" || !text(value.answer)) return null;
  return {
    ...value,
    question: text(value.question),
    standalone_question: text(value.standalone_question) || text(value.question),
    answered: value.answered === true,
    answer: text(value.answer),
    confidence: share(value.confidence),
    mode: text(value.mode),
    notice: text(value.notice),
    citations: many(value.citations, citation),
    sentences: many(value.sentences, sentence),
    nearest: many(value.nearest, nearest),
  };
}

const citation = (value) =>
  value && {
    ...value,
    number: whole(value.number),
    document: source(value.document),
    start: whole(value.start),
    end: whole(value.end),
    quote: text(value.quote),
    context: text(value.context),
    context_start: whole(value.context_start),
    page: whole(value.page) || null,
  };

const sentence = (value) =>
  value && { ...value, text: text(value.text), status: text(value.status), citations: many(value.citations, whole) };

const nearest = (value) =>
  value && { ...value, document: source(value.document), start: whole(value.start), end: whole(value.end), text: text(value.text) };
