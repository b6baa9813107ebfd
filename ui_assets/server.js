// The HTTP API of the same origin. Every failure is a Failed whose message is fit to show.

export class Failed extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

const UNREACHED = "The server does not answer. See whether it is still running, then try again.";

async function reply(path, options) {
  let got;
  try {
    got = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failed(UNREACHED);
  }
  if (!got.ok) throw await failure(got);
  return got;
}

async function failure(got) {
  const problem = await got.json().catch(() => ({}));
  const said = typeof problem.detail === "string" && problem.detail;
  return new Failed(said || `The server answered with an error (${got.status}). Please try again.`, got.status);
}

const posted = (body, signal) => ({
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
  signal,
});

export const getJSON = async (path) => (await reply(path)).json();
export const getText = async (path) => (await reply(path)).text();
export const postJSON = async (path, body) => (await reply(path, posted(body))).json();
export const remove = (path) => reply(path, { method: "DELETE" });

// The steps of an answer as they come: { event, data }, data parsed.
export async function* streamed(path, body, signal) {
  const got = await reply(path, posted(body, signal));
  let rest = "";
  const reader = got.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      // A \r that ends what has come may be half of a line's end.
      const events = (rest + value).replace(/\r\n|\r(?!$)/g, "\n").split("\n\n");
      rest = events.pop();
      yield* events.map(parsed).filter(Boolean);
    }
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failed(UNREACHED);
  }
}

// https://html.spec.whatwg.org/multipage/server-sent-events.html: lines of "field: value"; data lines join.
function parsed(block) {
  const fields = block.split("\n").map((line) => line.match(/^(event|data): ?(.*)$/)).filter(Boolean);
  const data = fields.filter(([, name]) => name === "data").map(([, , value]) => value);
  const event = fields.find(([, name]) => name === "event");
  return data.length ? { event: event ? event[2] : "message", data: JSON.parse(data.join("\n")) } : null;
}

// Files with progress, which fetch cannot tell: `progress` is called with 0…1. Resolves to the parsed reply.
export function sent(path, form, progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onerror = () => reject(new Failed(UNREACHED));
    request.onabort = () => reject(new DOMException("Stopped.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) return request.onabort();
    request.onload = () => {
      if (request.status < 300) return resolve(request.response);
      const said = request.response && typeof request.response.detail === "string" && request.response.detail;
      return reject(new Failed(said || `The server answered with an error (${request.status}).`, request.status));
    };
    progress(0);
    return request.send(form);
  });
}
