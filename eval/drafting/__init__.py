"""Documents or feedback → questions that a person accepts, edits or throws away before any of them counts."""
