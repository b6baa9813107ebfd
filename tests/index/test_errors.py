import re

import index.errors
from index.errors import FootnoteError


def test_the_docstring_draws_the_whole_tree() -> None:
    """Indentation of four characters is one step down from FootnoteError."""
    drawn: dict[str, int] = {}
    for line in (index.errors.__doc__ or "").splitlines():
        if found := re.match(r"([│ ]*(?:[├└]── )?)([A-Z]\w+)(?:  |$)", line):
            drawn[found[2]] = len(found[1]) // 4
    classes = {
        name: len(value.__mro__) - len(FootnoteError.__mro__)
        for name, value in vars(index.errors).items()
        if isinstance(value, type) and issubclass(value, FootnoteError)
    }
    assert drawn == classes
