"""The one error tree. Every message says what was wrong and what to do about it.

FootnoteError                     all that we raise on purpose; the CLI, API and UI each catch it once
├── SourceError                   about a file that was to be indexed
│   ├── SourceMissing             the path does not exist
│   ├── SourceUnreadable          the file cannot be read as text; says where and why
│   └── NoSources                 a folder without any file that we can read
├── StorageError                  about the saved index
│   ├── IndexMissing              nothing is stored there yet
│   ├── IndexMismatch             stored with another format, embedder or splitter
│   ├── IndexUnfinished           it is being moved there, or was not to the end
│   ├── IndexBusy                 another process is writing
│   ├── IndexDamaged              the file is not a whole index
│   ├── StorageFull               the disk has no room; what was committed stays
│   └── UploadsFull               what is uploaded may take no more room
├── DocumentUnknown               no document has this id
├── EmbedderError                 the embedder is unknown, not installed or cannot be loaded
├── QuestionError                 the question cannot be asked
│   ├── QuestionEmpty
│   ├── QuestionTooLong
│   └── QuestionMalformed         not text, or a history that is not pairs of text
├── FeedbackError                 what was said of an answer cannot be kept
├── LLMError                      about the language model that the user named
│   ├── LLMUnknown                no such provider, its extra or its key is missing
│   ├── LLMUnavailable            it cannot be reached, refuses, or sends no answer; says whether trying again helps
│   └── LLMTimeout                it did not finish in time
├── CasesError                    an eval or batch file that is not what the contract says
└── ServingError
    ├── PortInUse
    ├── TokenError                no token where one is needed, or one that could be guessed
    └── Overloaded                the queue is full; trying again helps
"""

from __future__ import annotations


class FootnoteError(Exception):
    """Base of every error that we raise on purpose; `str(error)` is fit to show to a person."""


class SourceError(FootnoteError):
    pass


class SourceMissing(SourceError):
    pass


class SourceUnreadable(SourceError):
    pass


class NoSources(SourceError):
    pass


class StorageError(FootnoteError):
    pass


class IndexMissing(StorageError):
    pass


class IndexMismatch(StorageError):
    pass


class IndexUnfinished(StorageError):
    pass


class IndexBusy(StorageError):
    pass


class IndexDamaged(StorageError):
    pass


class StorageFull(StorageError):
    pass


class UploadsFull(StorageError):
    pass


class DocumentUnknown(FootnoteError):
    pass


class EmbedderError(FootnoteError):
    pass


class QuestionError(FootnoteError):
    pass


class QuestionEmpty(QuestionError):
    pass


class QuestionTooLong(QuestionError):
    pass


class QuestionMalformed(QuestionError):
    pass


class FeedbackError(FootnoteError):
    pass


class LLMError(FootnoteError):
    pass


class LLMUnknown(LLMError):
    pass


class LLMUnavailable(LLMError):
    """`again`: trying again may help; `retry_after`: seconds that the server asked to wait, None where it did not."""

    def __init__(self, message: str, *, again: bool, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.again = again
        self.retry_after = retry_after


class LLMTimeout(LLMError):
    pass


class CasesError(FootnoteError):
    pass


class ServingError(FootnoteError):
    pass


class PortInUse(ServingError):
    pass


class TokenError(ServingError):
    pass


class Overloaded(ServingError):
    pass
