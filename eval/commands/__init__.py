"""The commands of `python -m eval`, a file each."""
