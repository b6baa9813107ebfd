import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from eval.evaluation import Evaluation, evaluate
from eval.outcomes import outcome, worst_first
from eval.page import page
from eval.types import Case, Prediction
from index.types import Document
from qa.types import Answer, Citation

Make = Callable[..., Answer]
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert('\"&amp;')</script>"


def one(document: Document, case: Case, answer: Answer | None, error: str | None = None) -> Evaluation:
    return evaluate(1, [Prediction(case, answer, error=error)], [document], {})


class Reading(HTMLParser):
    """The tags and the text of a page, as a browser would find them."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_shows_question_expected_answer_confidence_and_citation(document: Document, answered: Make) -> None:
    case = Case("when", "When does it start?", ("from May 6", "May 6"), tags=("date",))
    text = Reading(page(one(document, case, answered("When does it start?", "May 6")))).text
    for shown in (
        "When does it start?",
        "from May 6",
        "confidence 0.90",
        "A ceasefire starts on ",
        "talks.txt",
    ):
        assert shown in text


def test_the_quote_is_marked_within_its_sentence(document: Document, answered: Make) -> None:
    content = page(one(document, Case("when", "When?", ("May 6",)), answered("When?", "May 6")))
    assert "A ceasefire starts on <mark>May 6</mark>." in content


def test_an_abstention_and_a_failure_are_shown_too(document: Document, abstained: Make) -> None:
    assert "The sources do not say." in page(one(document, Case("who", "Who?"), abstained("Who?")))
    assert "ValueError: no" in page(one(document, Case("who", "Who?"), None, error="ValueError: no"))


def test_the_page_begins_with_what_was_asked_and_what_became_of_it(
    document: Document, answered: Make, abstained: Make
) -> None:
    predictions = [
        Prediction(Case("when", "?", ("May 6",)), answered("?", "May 6")),
        Prediction(Case("day", "?", ("May 6",)), answered("?", "May 6")),
        Prediction(Case("who", "?"), answered("?", "Friday")),
        Prediction(Case("why", "?"), abstained("?")),
    ]
    settings = {"cases": [{"path": "notes/one.jsonl"}, {"path": "two.jsonl"}], "set": "clapnq", "setting": "open"}
    content = page(evaluate(4, predictions, [document], settings))
    assert "<h1>Evaluation: clapnq · open · one.jsonl, two.jsonl</h1>" in content
    assert "· 1 source<" in content
    assert "<dt>Abstention recall</dt><dd>0.500</dd>" in content
    assert "<dt>Recall@5</dt>" not in content  # no case has evidence
    legend = content.split('<ul class="legend">')[1].split("</ul>")[0]
    assert legend == (
        '<li class="right"><b>3</b> Right</li>'
        '<li class="invented"><b>1</b> Answered, though the sources do not say</li>'
    )


def hostile_page(words: str) -> str:
    document = Document(words, words, words, words * 2, "0" * 64)
    citation = Citation(1, document, 0, len(words), words, words * 2, 0, None)
    case = Case(words, words, (words,), (words,), ((words, words),), (words,))
    answer = Answer(words, words, True, words, 0.5, words, (citation,))
    predictions = [Prediction(case, answer), Prediction(case, error=words)]
    return page(evaluate(2, predictions, [document], {"cases": {"path": words}, "set": words, "date": words}))


def test_other_peoples_text_is_text() -> None:
    hostile, harmless = Reading(hostile_page(HOSTILE)), Reading(hostile_page("x"))
    assert hostile.tags == harmless.tags
    assert hostile.attributes == harmless.attributes
    assert HOSTILE in hostile.text


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from("<>\"'&;/=!- aimgscriptx\\\n\0"), min_size=1))
def test_no_text_can_add_a_tag(words: str) -> None:
    assert Reading(hostile_page(words)).tags == Reading(hostile_page("x")).tags


def test_the_page_asks_nothing_of_the_network(document: Document, answered: Make) -> None:
    content = page(one(document, Case("when", "When?", ("May 6",)), answered("When?", "May 6")))
    reading = Reading(content)
    assert not {"src", "href", "action", "srcset", "style"} & reading.attributes
    assert "url(" not in content
    assert "://" not in content


def test_the_policy_allows_the_pages_own_script_and_style_and_no_other(document: Document) -> None:
    content = page(one(document, Case("who", "Who?"), None, error="no"))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', content)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    for tag in ("script", "style"):
        body = content.split(f"<{tag}>")[1].split(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy[1]


def test_the_worst_cases_stand_first(document: Document, answered: Make, abstained: Make) -> None:
    may = ("May 6",)
    predictions = [
        Prediction(Case("right", "?", may), answered("?", "May 6")),
        Prediction(Case("missed", "?", may), abstained("?")),
        Prediction(Case("silent", "?"), abstained("?")),
        Prediction(Case("wrong", "?", may), answered("?", "Friday", 0.4)),
        Prediction(Case("surely wrong", "?", may), answered("?", "Friday", 0.8)),
        Prediction(Case("invented", "?"), answered("?", "Friday")),
        Prediction(Case("near", "?", may), answered("?", "starts on May 6")),
        Prediction(Case("failed", "?", may), error="no"),
    ]
    order = [prediction.case.id for prediction, _ in worst_first(evaluate(8, predictions, [document], {}))]
    assert order == ["failed", "invented", "surely wrong", "wrong", "missed", "near", "right", "silent"]


def test_silence_is_right_where_the_sources_do_not_say(document: Document, abstained: Make) -> None:
    assert outcome(one(document, Case("who", "Who?"), abstained("Who?")).scores[0]) == "right"


def test_a_stopped_run_and_evidence_that_is_nowhere_are_told(document: Document, answered: Make) -> None:
    case = Case("when", "When?", ("May 6",), ("It starts on May 6.",))
    evaluation = replace(one(document, case, answered("When?", "May 6")), cases=3)
    text = Reading(page(evaluation)).text
    assert "1 of 3 questions" in text
    assert "The run was stopped before its end" in text
    assert "left out of the retrieval measures: when." in text
