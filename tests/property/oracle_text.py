"""What a text names, one character at a time (CONTRACT §7). Part of the slow twin."""

from __future__ import annotations

MOST_TOKENS = 8
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def tokens(text: str) -> list[str]:
    """a-z as A-Z; every character outside [A-Z0-9] separates."""
    upper = "".join(chr(ord(letter) - 32) if "a" <= letter <= "z" else letter for letter in text)
    return "".join(letter if letter in LETTERS else " " for letter in upper).split()


def normalised(text: str) -> str:
    """One token with its separators removed."""
    return "".join(tokens(text))


def lines_named(text: str, lines: set[str]) -> list[str]:
    """Every line that equals up to 8 consecutive tokens put together."""
    words = tokens(text)
    named = set()
    for first in range(len(words)):
        for count in range(1, MOST_TOKENS + 1):
            joined = "".join(words[first : first + count])
            if first + count <= len(words) and joined in lines:
                named.add(joined)
    return sorted(named)
