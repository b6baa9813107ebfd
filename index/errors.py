"""The one error tree. Every message says what was wrong and what to do about it.

FootnoteError                     all that we raise on purpose; the CLI, API and UI each catch it once
├── SourceError                   about a file that was to be indexed
│   ├── SourceMissing             the path does not exist
│   ├── SourceUnreadable          the file cannot be read as text; says where and why
│   └── NoSources                 a folder without any file that we can read
├── StorageError                  about the saved index
│   ├── IndexMissing              nothing is stored there yet
│   ├── IndexMismatch             stored with another format, embedder or splitter
│   ├── IndexBusy                 another process is writing
│   ├── IndexDamaged              the file is not a whole index
│   └── StorageFull               the disk has no room; what was committed stays
├── DocumentUnknown               no document has this id
├── EmbedderError                 the embedder is unknown, not installed or cannot be loaded
├── QuestionError                 the question cannot be asked
│   ├── QuestionEmpty
│   ├── QuestionTooLong
│   └── QuestionMalformed         not text, or a history that is not pairs of text
├── CasesError                    an eval or batch file that is not what the contract says
└── ServingError
    ├── PortInUse
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


class IndexBusy(StorageError):
    pass


class IndexDamaged(StorageError):
    pass


class StorageFull(StorageError):
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


class CasesError(FootnoteError):
    pass


class ServingError(FootnoteError):
    pass


class PortInUse(ServingError):
    pass


class Overloaded(ServingError):
    pass
