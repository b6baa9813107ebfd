"""Speed and memory, side by side with what people would use instead, in one run.

    make bench-setup                what the peers need (torch, sentence-transformers, llama-index's embeddings)
    python -m bench.cold            from the start of a process to an answer
    python -m bench.warm            one question by stage, on the article, 10,000 and 100,000 passages
    python -m bench.indexing        passages a second, from text files to a committed index
    python -m bench.ingest          1,000 mixed documents: pages and passages a second, memory, a second run
    python -m bench.page            the chat page in Chromium: opening, first word, mark; its weight
    python -m bench.load SCENE      think, flood, soak, peers: many clients at once: right, quick, honest, of one size
    python -m bench.memory          resident memory of a server, after start and after 1,000 questions

A machine is never quiet for long, so every command measures its jobs in turns, round by round, and what counts is their
ratio. Each prints a table and writes the same, with the machine that it ran on, to bench/results/.
"""
