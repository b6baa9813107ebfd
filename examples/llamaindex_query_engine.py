"""The whole chain as a llama-index query engine: its source nodes are the citations."""

import sys

from index import sync
from qa.llamaindex import FootnoteQueryEngine

STORAGE = "storage/examples"

sync(sys.argv[1:] or ["seeds"], STORAGE)
engine = FootnoteQueryEngine.from_storage(STORAGE)
for question in ("How long will the memorandum be in force?", "How many moons does Jupiter have?"):
    response = engine.query(question)
    print(f"{question}\n  {response}")
    for source in response.source_nodes:
        print(f"  [{source.metadata['number']}] “{source.metadata['context']}”")
