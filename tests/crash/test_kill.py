"""A few kills; `make crash` makes 1,000."""

from pathlib import Path

import pytest

from tests.crash.kills import Killer, naive_kills, random_kills, statement_kills, upload_kills

SEED = 1
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def killer() -> Killer:
    return Killer(SEED)


def test_killed_at_random_points(killer: Killer, tmp_path: Path) -> None:
    tally = random_kills(killer, tmp_path, 12)
    assert (tally.wrong, tally.kills) == ([], 12)


def test_killed_before_each_statement(killer: Killer, tmp_path: Path) -> None:
    tally = statement_kills(killer, tmp_path, range(1, 60, 6))
    assert (tally.wrong, tally.kills) == ([], 10)
    assert tally.in_flight["not at all"] > 0


def test_uploads_killed_at_random_points(killer: Killer, tmp_path: Path) -> None:
    tally = upload_kills(killer, tmp_path, 4)
    assert (tally.wrong, tally.kills) == ([], 4)


def test_the_suite_bites_a_naive_json_file_does_not_survive(killer: Killer, tmp_path: Path) -> None:
    assert any(
        naive_kills(killer, tmp_path / str(turn), 10).wrong for turn in range(5) if not (tmp_path / str(turn)).mkdir()
    )
