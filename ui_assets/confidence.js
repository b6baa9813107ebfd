// What a confidence means, in words; the figures are those that the shipped reader's calibration published.

import { EXTRACTIVE } from "./sentences.js";

const WORDS = [
  [0.85, "quite sure"],
  [0.6, "likely right"],
  [0, "unsure"],
]; // least confidence → the word for it, best first

let margin = 0; // by how many of 100 the stated share was off on held-out documents

export function setCalibration({ calibration_error: off }) {
  margin = Math.round((off || 0) * 100);
}

export const word = (confidence) => WORDS.find(([least]) => confidence >= least)[1];

export function meaning({ confidence, mode }) {
  const share = Math.round(confidence * 100);
  const give = margin ? `, give or take ${margin}` : "";
  if (mode !== EXTRACTIVE) return `How well the footnotes bear out what the model wrote: about ${share} in 100.`;
  return `Answers held this sure were right about ${share} times in 100 on our tests${give}.`;
}
