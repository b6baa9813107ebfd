import pytest

from index.config import Settings, load_settings
from index.errors import FootnoteError


def test_without_variables_the_settings_are_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STORAGE", "EMBEDDER", "THREADS", "MAX_FILE_MB", "READ_SECONDS", "QUEUE"):
        monkeypatch.delenv(f"FOOTNOTE_{name}", raising=False)
    assert load_settings() == Settings()


def test_a_variable_changes_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_STORAGE", "elsewhere")
    monkeypatch.setenv("FOOTNOTE_MAX_FILE_MB", "7")
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "")
    assert (load_settings().storage, load_settings().max_file_mb, load_settings().embedder) == (
        "elsewhere",
        7,
        "minilm",
    )


@pytest.mark.parametrize("value", ["many", "-1", "1.5", "²"])
def test_a_number_that_is_none_is_an_error_that_names_the_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", value)
    with pytest.raises(FootnoteError, match=r"FOOTNOTE_THREADS is .* Set it to a whole number or unset it\."):
        load_settings()


def test_threads_are_one_a_core_and_at_most_four(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert Settings().inference_threads == 4
    assert Settings(threads=9).inference_threads == 9
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert Settings().inference_threads == 1
