"""Our hybrid search as a llama-index retriever: exact offsets, no embedding model or LLM of llama-index."""

import sys

from index import sync
from qa.llamaindex import FootnoteRetriever

STORAGE = "storage/examples"

sync(sys.argv[1:] or ["seeds"], STORAGE)
for found in FootnoteRetriever.from_storage(STORAGE, k=3).retrieve("Who monitors the ceasefire?"):
    node = found.node
    print(f"{found.score:.2f}  {node.metadata['title']}, {node.start_char_idx}–{node.end_char_idx}: {node.text[:80]} …")
