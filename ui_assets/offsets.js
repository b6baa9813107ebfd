// Offsets count code points, as Python does; a JavaScript string counts UTF-16 units, two for an astral character.

export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

// How many UTF-16 units the first `points` code points of `text` take.
export function units(text, points) {
  let at = 0;
  for (let left = points; left > 0 && at < text.length; left -= 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

// text[start:end] as Python slices it.
export function slice(text, start, end) {
  const from = units(text, start);
  return text.slice(from, from + units(text.slice(from), end - start));
}

// The text nodes that hold code points `start` to `end` of the element's text: [node, from, to] in UTF-16 units.
export function pieces(element, start, end) {
  const found = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let at = 0, node = walker.nextNode(); node && at < end; node = walker.nextNode()) {
    const length = codePoints(node.data);
    const from = units(node.data, Math.max(start - at, 0));
    const to = units(node.data, Math.min(Math.max(end - at, 0), length));
    if (from < to) found.push([node, from, to]);
    at += length;
  }
  return found;
}
