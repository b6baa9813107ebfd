"""Evaluation → report.html: one page that stands alone, opens from disk and asks nothing of the network.

Questions, answers and documents are other people's text: every one of them goes through `html.escape`, and
the page's own policy lets nothing run but the script whose hash it names.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape

from eval.evaluation import Evaluation
from eval.measures import MEASURES, by_tag, by_type, measured
from eval.outcomes import OUTCOMES, outcome, worst_first
from eval.page_assets import SCRIPT, STYLE
from eval.page_head import head, subject, summary
from eval.plots import figure, plots
from eval.table import between, shown
from eval.types import Prediction, Score
from qa.types import Citation

BY_TAG = {
    "exact_match": "Exact match", "f1": "F1", "cited_answer": "Answer in citation", "recall_at_1": "Recall@1",
    "recall_at_5": "Recall@5", "mrr": "MRR", "abstention_recall": "Refused", "latency_p50_ms": "Latency p50",
}  # fmt: skip
"""Measures beside a tag or type, and their heads, short enough for a column."""
GROUPS = {
    "exact_match": "Answers", "cited_answer": "Citations", "recall_at_1": "Retrieval",
    "abstention_precision": "Abstaining", "answerability_auroc": "What the confidence is worth",
    "latency_p50_ms": "Latency",
}  # fmt: skip
"""The measure that begins a group → the group's name."""

MOST_CASES = 1000
RETRIEVED = 3
"""Passages shown with a case that did not come out right."""


def page(evaluation: Evaluation) -> str:
    """The whole page. Cases stand worst first."""
    policy = f"default-src 'none'; script-src '{_hash(SCRIPT)}'; style-src '{_hash(STYLE)}'; base-uri 'none'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Footnote: evaluation {escape(subject(evaluation.settings))}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
{head(evaluation)}
{_warnings(evaluation)}
</header>
<main>
{summary(evaluation)}
<section aria-labelledby="plots"><h2 id="plots">Plots</h2><div class="plots">{_plots(evaluation)}</div></section>
<section aria-labelledby="measures"><h2 id="measures">Measures</h2>{_measures(evaluation)}</section>
<section aria-labelledby="tags"><h2 id="tags">By tag</h2>{_parts("Tag", by_tag(evaluation.scores))}</section>
<section aria-labelledby="types"><h2 id="types">By type of question</h2>{_types(evaluation)}</section>
<section aria-labelledby="cases"><h2 id="cases">Cases, worst first</h2>{_cases(evaluation)}</section>
<section aria-labelledby="settings"><h2 id="settings">Settings</h2>{_settings(evaluation)}</section>
</main>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _warnings(evaluation: Evaluation) -> str:
    notes = []
    if not evaluation.complete:
        notes.append("The run was stopped before its end: the figures are of the questions asked so far.")
    if evaluation.unfounded:
        ids = ", ".join(score.case.id for score in evaluation.unfounded)
        notes.append(f"Some evidence stands in no source and is left out of the retrieval measures: {ids}.")
    return "".join(f'<p class="warning">{escape(note)}</p>' for note in notes)


def _measures(evaluation: Evaluation) -> str:
    values = evaluation.measures
    rows = "".join(
        _group(row.key) + f'<tr><th scope="row">{escape(row.title)}</th>{_cell(values[row.key], row.unit)}'
        f'<td class="number">{escape(between(evaluation.intervals[row.key], row.unit))}</td>'
        f"<td>{escape(row.about)}</td></tr>"
        for row in MEASURES
    )
    heads = '<tr><th scope="col">Measure</th><th scope="col">Value</th><th scope="col">95 % interval</th><td></td></tr>'
    return f'<div class="wide measures" tabindex="0"><table><thead>{heads}</thead><tbody>{rows}</tbody></table></div>'


def _group(key: str) -> str:
    """The line above the group that the measure begins."""
    return f'<tr class="group"><th colspan="4" scope="rowgroup">{GROUPS[key]}</th></tr>' if key in GROUPS else ""


def _plots(evaluation: Evaluation) -> str:
    return "".join(map(figure, plots(evaluation)))


def _types(evaluation: Evaluation) -> str:
    return _parts("Type", by_type(evaluation.scores))


def _parts(name: str, parts: Mapping[str, Sequence[Score]]) -> str:
    """A line of measures for each tag or type."""
    columns = [row for row in MEASURES if row.key in BY_TAG]
    heads = "".join(f'<th scope="col">{escape(BY_TAG[row.key])}</th>' for row in columns)
    rows = []
    for part, scores in parts.items():
        values = measured(scores)
        cells = "".join(_cell(values[row.key], row.unit) for row in columns)
        count = f'<td class="number">{len(scores)}</td>'
        rows.append(f'<tr><th scope="row">{escape(part)}</th>{count}{cells}</tr>')
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr><th scope="col">{name}</th>'
        f'<th scope="col">Questions</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _cases(evaluation: Evaluation) -> str:
    pairs = worst_first(evaluation)
    rest = f"<p>The {len(pairs) - MOST_CASES} others are in scores.jsonl.</p>" if len(pairs) > MOST_CASES else ""
    pairs = pairs[:MOST_CASES]
    present = {outcome(score) for _, score in pairs}
    outcomes = _options([(key, title) for key, title in OUTCOMES.items() if key in present])
    tags = _options([(tag, tag) for tag in by_tag(evaluation.scores)])
    return (
        '<form id="filter" hidden><label>Search <input type="search" name="words"></label>'
        f'<label>Outcome <select name="outcome"><option value="">All</option>{outcomes}</select></label>'
        f'<label>Tag <select name="tag"><option value="">All</option>{tags}</select></label>'
        '<output aria-live="polite"></output></form>'
        f'<ol id="list">{"".join(_case(*pair) for pair in pairs)}</ol>{rest}'
    )


def _case(prediction: Prediction, score: Score) -> str:
    case, result = prediction.case, outcome(score)
    tags = "".join(f"<li>{escape(tag)}</li>" for tag in case.tags)
    history = "".join(f"<p><q>{escape(question)}</q> <q>{escape(answer)}</q></p>" for question, answer in case.history)
    answers = case.answers or ("Not in the sources",)
    expected = "".join(f"<li>{escape(answer)}</li>" for answer in answers)
    evidence = "".join(f"<blockquote>{escape(quote)}</blockquote>" for quote in case.evidence)
    figures = [f"F1 {score.f1:.2f}"]
    if score.confidence is not None:
        figures.append(f"confidence {score.confidence:.2f}")
    if score.latency_ms is not None:
        figures.append(f"{score.latency_ms:.0f} ms")
    return f"""<li class="case" data-outcome="{result}" data-tags="{escape(json.dumps(case.tags))}">
<p class="line"><strong class="badge {result}">{OUTCOMES[result]}</strong>
{" ".join(f"<span>{figure}</span>" for figure in figures)} <code>{escape(case.id)}</code></p>
<h3>{escape(case.question)}</h3>{f'<div class="history">{history}</div>' if history else ""}
<dl><dt>Expected</dt><dd><ul class="expected">{expected}</ul></dd>
<dt>Answer</dt><dd>{_answer(prediction)}</dd>
<dt>Citation</dt><dd>{_citations(prediction)}</dd>
{f"<dt>Evidence</dt><dd>{evidence}</dd>" if evidence else ""}</dl>
{"" if result == "right" else _retrieved(prediction)}
<ul class="tags">{tags}</ul></li>
"""


def _answer(prediction: Prediction) -> str:
    if prediction.answer is None:
        return f'<span class="error">{escape(prediction.error or "")}</span>'
    text = escape(prediction.answer.text)
    if not prediction.abstained:
        return text
    guess = prediction.guess
    said = f" It would have said: {escape(guess.text)}" if guess is not None and guess.answered else ""
    return f"<em>{text}</em>{said}"


def _citations(prediction: Prediction) -> str:
    citations: Sequence[Citation] = prediction.answer.citations if prediction.answer else ()
    return "".join(_citation(citation) for citation in citations) or "–"


def _citation(citation: Citation) -> str:
    """The cited sentence with the quote marked in it; both, where the quote is not at its place."""
    start = citation.start - citation.context_start
    end = start + len(citation.quote)
    context = citation.context
    if start >= 0 and context[start:end] == citation.quote:
        marked = f"{escape(context[:start])}<mark>{escape(context[start:end])}</mark>{escape(context[end:])}"
    else:
        marked = f"<mark>{escape(citation.quote)}</mark> {escape(context)}"
    place = f"{citation.document.path}, {citation.start}–{citation.end}"
    return f"<blockquote>{marked}<footer>[{citation.number}] {escape(place)}</footer></blockquote>"


def _retrieved(prediction: Prediction) -> str:
    """The first passages found, folded away; what of them is evidence is marked."""
    items = "".join(
        f"<li>{_marked(hit.passage.text, prediction.case.evidence)}<footer>{escape(hit.passage.title)}, "
        f"{hit.passage.start}–{hit.passage.end}, score {hit.score:.2f}</footer></li>"
        for hit in prediction.hits[:RETRIEVED]
    )
    return f"<details><summary>Retrieved</summary><ol>{items}</ol></details>" if items else ""


def _marked(text: str, quotes: Sequence[str]) -> str:
    """The text with the first of the quotes that stands in it marked."""
    quote = next((quote for quote in quotes if quote in text), "")
    before, _, after = text.partition(quote) if quote else (text, "", "")
    return f"{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}" if quote else escape(text)


def _settings(evaluation: Evaluation) -> str:
    settings = json.dumps(dict(evaluation.settings), ensure_ascii=False, indent=2)
    return f'<pre class="wide" tabindex="0">{escape(settings)}</pre>'


def _options(pairs: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<option value="{escape(value)}">{escape(title)}</option>' for value, title in pairs)


def _cell(value: float | None, unit: str) -> str:
    return f'<td class="number">{escape(shown(value, unit))}</td>'


def _hash(source: str) -> str:
    """The source expression that a Content-Security-Policy allows `source` by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
