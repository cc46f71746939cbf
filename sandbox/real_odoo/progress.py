"""What the person at the keyboard is told while a command works."""

import sys


def say(sentence: str) -> None:
    """Write a sentence to stderr; stdout belongs to the KEY=value lines."""
    sys.stderr.write(f"{sentence}\n")
