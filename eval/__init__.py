"""Cases → predictions → scores → measures → report: how well a Footnote answers the questions of a file.

`python -m eval --help` is the way in; everything runs offline, on the user's own cases and sources.
"""
