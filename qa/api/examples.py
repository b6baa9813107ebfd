"""The examples that OpenAPI shows: one question on the shipped article, from request to reply."""

from __future__ import annotations

import json
from typing import Any

QUESTION = "How long will the memorandum be in force?"

DOCUMENT = {
    "id": "c5a3412c997522df",
    "title": "Fourth round of Astana talks on Syria ends with de-escalation zones deal",
    "path": "seeds/astana-de-escalation-zones.txt",
}

SUMMARY = {
    **DOCUMENT,
    "characters": 6470,
    "sha256": "cdab62a1da5f470c36a3f4d4228044f1038fbbc69ac807a37004abed4a816ce0",
    "source": "same",
    "tags": [],
}

_CONTEXT = "The memorandum will be in force during six months and can be extended automatically for the same period."

CITATION: dict[str, Any] = {
    "number": 1,
    "document": DOCUMENT,
    "start": 3167,
    "end": 3177,
    "quote": "six months",
    "context": _CONTEXT,
    "context_start": 3128,
    "page": None,
}

SENTENCE: dict[str, Any] = {"text": "six months", "status": "quoted", "citations": [1]}

NEAREST: dict[str, Any] = {
    "document": DOCUMENT,
    "start": 3128,
    "end": 3350,
    "text": _CONTEXT
    + ' "In other words, in case of necessity, the memorandum (on de-escalation zones) may be indefinite," the '
    "diplomat said.",
    "score": 0.4796,
}

ANSWER: dict[str, Any] = {
    "question": QUESTION,
    "standalone_question": QUESTION,
    "answered": True,
    "answer": "six months",
    "confidence": 0.7392,
    "mode": "extractive",
    "citations": [CITATION],
    "sentences": [SENTENCE],
    "nearest": [NEAREST],
    "timings_ms": {"search": 4.8, "read": 129.9, "total": 134.7},
}

MODEL: dict[str, Any] = {"id": "footnote", "object": "model", "created": 1763825758, "owned_by": "footnote"}

_TOLD = {"id": "chatcmpl-5f0c", "created": 1763825758, "model": "footnote"}
_NOTED = f"six months [1]\n\n[1] {DOCUMENT['title']} ({DOCUMENT['path']}, characters 3167–3177): “{_CONTEXT}”"
COMPLETION: dict[str, Any] = {
    **_TOLD,
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": _NOTED, "annotations": [], "citations": [CITATION]},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 69, "total_tokens": 78},
    "answer": ANSWER,
}
_CHUNK = {
    **_TOLD,
    "object": "chat.completion.chunk",
    "choices": [{"index": 0, "delta": {"content": "six months [1]"}, "finish_reason": None}],
}
CHUNKS: dict[str, Any] = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "description": "OpenAI's chunks; `data: [DONE]` is the last.",
            "properties": {"data": {"type": "string"}},
            "required": ["data"],
        },
        "example": f"data: {json.dumps(_CHUNK)}\n\ndata: [DONE]\n\n",
    }
}

HIT: dict[str, Any] = {**NEAREST, "section": "De-escalation zones", "dense_rank": 1, "lexical_rank": 2}

FEEDBACK: dict[str, Any] = {
    "verdict": "wrong_evidence",
    "answer": ANSWER,
    "comment": "Another sentence says it better.",
    "expected": "",
}

EVENTS = ("standalone_question", "passages", "delta", "text", "citation", "notice", "answer", "error")

_STEPS: tuple[tuple[str, Any], ...] = (
    ("standalone_question", QUESTION),
    ("passages", [NEAREST]),
    ("text", SENTENCE),
    ("citation", CITATION),
    ("answer", ANSWER),
)
STREAM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "description": "Server-sent events: `event` is the step's name, `data` its JSON.",
        "properties": {
            "event": {"enum": list(EVENTS)},
            "data": {"type": "string", "contentMediaType": "application/json"},
        },
        "required": ["event", "data"],
    },
    "example": "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in _STEPS),
}
