"""Canonical files as text, one model a file: what every field must say before it is typed (CONTRACT §3)."""
