import pytest

from eval.questions import question_type


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many people came?", "how many"),
        ("how long is the border", "how long"),
        ("In which year did it end?", "when"),
        ("When does it start?", "when"),
        ("Whose signature is on it?", "who"),
        ("To whom was it given?", "who"),
        ("What caused the delay?", "why"),
        ("What is the name of the town?", "what"),
        ("Which countries signed?", "which"),
        ("How was it decided?", "how"),
        ("Is it known who signed?", "yes or no"),
        ("And can it be extended?", "yes or no"),
        ("name the signatories", "other"),
    ],
)
def test_the_words_tell_what_is_asked_for(question: str, kind: str) -> None:
    assert question_type(question) == kind
