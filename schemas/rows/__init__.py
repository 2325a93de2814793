"""Typed rows of files, one model a canonical file: what a reader hands over. Provenance stands first in every one."""
