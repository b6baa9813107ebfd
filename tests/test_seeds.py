"""The article is shipped byte for byte as its owner gave it."""

import hashlib

from index.sources import find_sources
from tests.conftest import ARTICLE

GIVEN = "cdab62a1da5f470c36a3f4d4228044f1038fbbc69ac807a37004abed4a816ce0"


def test_the_article_is_the_one_that_was_given() -> None:
    assert hashlib.sha256(ARTICLE.read_bytes()).hexdigest() == GIVEN


def test_the_article_is_the_only_source_in_its_folder() -> None:
    assert find_sources([ARTICLE.parent]) == [ARTICLE.resolve()]
