"""A server under load: does it stay right, quick, honest about what it cannot serve, and the same size.

    python -m bench.load think      32 clients that think 1 to 3 s, while documents are indexed, for 10 minutes
    python -m bench.load flood      200 clients that do not think, for a minute; the recovery; clients that leave
    python -m bench.load soak       two hours of everything: memory, file handles, threads, temporary files
    python -m bench.load peers      beside a plain llama-index and FastAPI server with the same embedding model

Each starts `qa serve` in a process of its own on an index of seeds/ and asks over HTTP; each says what it found and
exits with 1 when it is not what was promised. --seconds makes it shorter.
"""
