import pytest
from hypothesis import given

from index.structure import looks_like_heading, markdown_structure, plain_structure, section_names
from index.types import Heading
from tests.conftest import ARTICLE
from tests.index.conftest import STRUCTURES, any_text, heading_texts


def title(text: str) -> str | None:
    return plain_structure(text).title


def test_the_articles_title_is_its_headline_and_not_the_sites_chrome() -> None:
    text = ARTICLE.read_text(encoding="utf-8")
    assert text.startswith("All news\n")
    assert title(text) == "Fourth round of Astana talks on Syria ends with de-escalation zones deal"


def test_the_articles_sections_are_its_four() -> None:
    text = ARTICLE.read_text(encoding="utf-8")
    assert heading_texts(text) == [
        "Fourth round of Astana talks on Syria ends with de-escalation zones deal",
        "De-escalation zones",
        "Preserving territorial integrity",
        "Lack of diplomatic experience",
        "Dialogue with US",
    ]
    assert [heading.level for heading in plain_structure(text).headings] == [1, 2, 2, 2, 2]


BODY = "It rained all day, and nobody went out."


@pytest.mark.parametrize(
    ("above", "headline"),
    [
        ("Menu\n\nStorm hits the coast", "Storm hits the coast"),
        ("BBC News\n\nHome | World | Politics\n\nStorm hits the coast of Portugal", "Storm hits the coast of Portugal"),
        ("Skip to content\n\nMarkets\n\nShares fall as oil slides", "Shares fall as oil slides"),
        ("Home > News > Syria\n\nThe talks ended", "The talks ended"),
        ("By John Smith\n\nThe talks ended", "The talks ended"),
        ("Updated 12:30 PM EDT, Fri May 5, 2017\n\nThe talks ended", "The talks ended"),
        ("5 May 2017, 14:31\n\nThe talks ended", "The talks ended"),
        ("The talks ended\n\nBy John Smith", "The talks ended"),
        ("Haiku\n\nOld pond\n\nA frog jumps in", "Haiku"),
        ("Image processing for beginners", "Image processing for beginners"),
        ("The quick report\nby A. Writer", "The quick report"),
        ("Minutes of the board\n12 January 2023", "Minutes of the board"),
        ("My project\n==========", "My project"),
        ("THE ANNUAL REPORT", "THE ANNUAL REPORT"),
        ("阿斯塔纳会谈", "阿斯塔纳会谈"),
        ("All news", "All news"),
    ],
)
def test_above_the_body_this_is_the_title(above: str, headline: str) -> None:
    assert title(f"{above}\n\n{BODY}\n") == headline


def test_the_subject_of_a_letter_is_its_title() -> None:
    text = f"From: anna@example.com\nTo: b@example.com,\n c@example.com\nSubject: The budget\nDate: Monday\n\n{BODY}"
    assert title(text) == "The budget"
    assert heading_texts(text) == ["The budget"]


@pytest.mark.parametrize("text", ["", " \n\t", BODY, "milk\neggs\nbread\n"])
def test_this_has_neither_title_nor_headings(text: str) -> None:
    assert plain_structure(text).title is None
    assert plain_structure(text).headings == ()


def test_one_bare_line_is_a_title() -> None:
    assert title("Just one line") == "Just one line"


RECIPE = """Grandmother's apple pie

Serves 8

Ingredients

200 g flour
3 apples

Method

Mix the flour and butter. Peel the apples.

Tips

Serve warm.
"""
TERMS = """TERMS OF SERVICE

1. Definitions

In these terms, "Service" means the website.

2. Payment

2.1 Fees

The customer pays within 30 days.

Article 3

The court of Vienna has jurisdiction.

§ 4 Liability

We are liable for intent only.
"""
ENCYCLOPAEDIA = """Ada Lovelace

Augusta Ada King (10 December 1815 – 27 November 1852) was an English mathematician.

Early life

Childhood

Byron expected his child to be a "glorious boy".

See also

Charles Babbage

Analytical Engine

List of pioneers
"""
MINUTES = """Minutes of the board
12 January 2023

Attendance

Ms Lee and Dr Patel attended.

19 January 2023

The board met again.
"""
README = """My Project
==========

It does things.

Install
-------
Run it. You need root rights.

KNOWN PROBLEMS

1. It does not run on Tuesdays.
2. It eats memory.
"""
NEWS = """Storm hits the coast

By John Smith

A storm hit the coast on Sunday.

"We were afraid," said Maria Silva, a baker

'Worst in years'

The mayor called it the worst storm in years.
"""


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        (RECIPE, ["Ingredients", "Method", "Tips"]),
        (TERMS, ["1. Definitions", "2. Payment", "2.1 Fees", "Article 3", "§ 4 Liability"]),
        (ENCYCLOPAEDIA, ["Early life", "Childhood"]),
        (MINUTES, ["Attendance", "19 January 2023"]),
        (README, ["Install", "KNOWN PROBLEMS"]),
        (NEWS, ["'Worst in years'"]),
        ("阿斯塔纳会谈\n\n会谈结束。\n\n冲突降级区\n\n设在四个地区。\n", ["冲突降级区"]),
        ("The Road\n\nTwo roads diverged\nAnd sorry I could not\n\nAnd be one traveler\nLong I stood\n", []),
        ("Shopping\n\nMilk\n\nEggs\n\nBread\n\nBuy these today.\n", []),
        (f"Title here\n\n{BODY}\n\nMilk\n\nEggs\n\nBread\n\nBuy these today.\n", []),
        (f"Title here\n\n{BODY}\n\nThe last line has nothing under it\n", []),
    ],
)
def test_these_are_the_sections_of_a_plain_text(text: str, sections: list[str]) -> None:
    assert heading_texts(text)[1:] == sections


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("De-escalation zones", True),
        ("2.1 Fees", True),
        ("‘Worst in years’", True),
        ("What happens next?", False),
        ("It ends like a sentence.", False),
        ("Ends with a colon:", False),
        ("is a continuation", False),
        ("- a list item", False),
        ("1234", False),
        ("two\nlines", False),
        ("Twelve words are what a heading may have at most and no more", False),
        ("x" * 91, False),
        ("", False),
    ],
)
def test_a_heading_is_short_and_bare(line: str, expected: bool) -> None:
    assert looks_like_heading(line) is expected


MARKDOWN = """# Widget

Widget turns things into other things.

## Install ##

```sh
# a comment, no heading
```

### From the shell

Run it.

    # indented code

Licence
-------

MIT. See #12.

#hashtag

* item
---

A paragraph of
two lines
---
"""


def test_markdown_has_atx_and_setext_headings_outside_code() -> None:
    structure = markdown_structure(MARKDOWN)
    assert structure.title == "Widget"
    found = [(heading.level, MARKDOWN[heading.start : heading.end]) for heading in structure.headings]
    assert found == [(1, "Widget"), (2, "Install"), (3, "From the shell"), (2, "Licence")]


def test_a_fence_ends_with_a_bare_fence_as_long_as_its_own() -> None:
    text = "````\n# no\n```\n# no\n````python\n# no\n````\n# Yes\n\n```not a fence```\n\n# Also\n"
    assert heading_texts(text, markdown_structure) == ["Yes", "Also"]


def test_the_front_matters_title_wins() -> None:
    text = '---\ntitle: "The real title"\ndate: 2024-01-01\n---\n\n# A heading\n\nText.\n'
    assert markdown_structure(text).title == "The real title"
    assert heading_texts(text, markdown_structure) == ["A heading"]


def test_markdown_without_headings_has_its_first_bare_line_as_title() -> None:
    assert markdown_structure(f"Notes on rain\n\n{BODY}\n").title == "Notes on rain"


def names(text: str) -> list[str]:
    return section_names(text, markdown_structure(text).headings)


def test_sections_are_named_from_the_outermost_without_the_title() -> None:
    assert names("# Doc\n## A\n### B\n### C\n## D\n#### E\n") == ["", "A", "A › B", "A › C", "D", "D › E"]


def test_a_second_heading_of_level_one_is_a_chapter_and_no_title() -> None:
    assert names("# One\n## A\n# Two\n## B\n") == ["", "A", "Two", "Two › B"]


def test_without_a_heading_of_level_one_no_name_is_left_out() -> None:
    assert section_names("AB", [Heading(0, 1, 2), Heading(1, 2, 3)]) == ["A", "A › B"]


@given(any_text)
def test_headings_are_trimmed_in_order_and_inside_whatever_the_text(text: str) -> None:
    for structure in STRUCTURES:
        at = 0
        for heading in structure(text).headings:
            assert at <= heading.start < heading.end <= len(text)
            assert text[heading.start : heading.end] == text[heading.start : heading.end].strip()
            at = heading.end
