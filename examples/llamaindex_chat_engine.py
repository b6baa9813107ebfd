"""A conversation as a llama-index chat engine: follow-ups are understood, without an LLM."""

import sys

from index import sync
from qa.llamaindex import FootnoteChatEngine

STORAGE = "storage/examples"

sync(sys.argv[1:] or ["seeds"], STORAGE)
engine = FootnoteChatEngine.from_storage(STORAGE)
for question in ("When did the armed opposition suspend its participation in the talks?", "Why?"):
    reply = engine.chat(question)
    print(f"{question}  (read as: {reply.metadata['standalone_question']})\n  {reply}")
