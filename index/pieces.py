"""Word pieces of the shipped tokenizer: what passage lengths and word weights are counted in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

TOKENIZER = Path(__file__).parent / "embed" / "minilm" / "tokenizer.json"
CHARACTERS_A_PIECE = 10
"""A text counts at least its characters / 10 as pieces: WordPiece makes one unknown piece of any run of letters
that it does not know, and a passage must stay readable all the same (English has 4 to 5 characters a piece)."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """`text` with lone surrogates, which no native library accepts, replaced; of the same length."""
    return _SURROGATE.sub("\ufffd", text)


def word_pieces(texts: Sequence[str]) -> list[int]:
    """Lengths in word pieces, special tokens not counted."""
    if not texts:
        return []
    encodings = whole_tokenizer().encode_batch_fast([encodable(text) for text in texts], add_special_tokens=False)
    return [
        max(len(encoding), -(-len(text) // CHARACTERS_A_PIECE)) for encoding, text in zip(encodings, texts, strict=True)
    ]


def whole_tokenizer() -> Tokenizer:
    """The shipped tokenizer without truncation or padding."""
    return opened_tokenizer(TOKENIZER)


def opened_tokenizer(file: Path) -> Tokenizer:
    """The tokenizer in `file`, opened once, without truncation or padding. Threads that ask meanwhile wait for it."""
    with _OPENING:
        return _opened_tokenizer(file)


_OPENING = Lock()


@lru_cache(maxsize=4)
def _opened_tokenizer(file: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
