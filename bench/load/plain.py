"""What people would write: llama-index's VectorStoreIndex behind FastAPI, with the same embedding model, no LLM.

python -m bench.load.plain SOURCES PORT
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from bench.peers import build, load


class Question(BaseModel):
    question: str


def app(sources: Path) -> FastAPI:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), sources)
        retriever = load(Path(folder))
    served = FastAPI()

    @served.post("/api/ask")
    def ask(asked: Question) -> Any:
        nodes = retriever.retrieve(asked.question)
        return {"nodes": [{"text": node.text, "score": float(node.score)} for node in nodes]}

    @served.get("/healthz")
    def health() -> Any:
        return {"status": "ok"}

    return served


if __name__ == "__main__":
    uvicorn.run(app(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
