"""Runs of a month that was published before, in which little or nothing is new (ADR 0040 and following).

``notes`` is what a run leaves for the next one, ``keeping`` a month of which nothing can have changed. Whatever is in
doubt is worked on whole, as if nothing had been noted.
"""
