"""The same questions under many settings: quality against latency."""
