"""The progress messages of a command."""

import sys


def say(sentence: str) -> None:
    """Write a sentence to stderr; stdout is for the KEY=value lines."""
    sys.stderr.write(f"{sentence}\n")
