"""Inboxes: where files are offered, each kind of place in its own module, all with the same guards (``base``).

Belongs here: listing names, opening one file safely, telling whether it arrived whole. Does not: what a file says,
what becomes of it. Everybody else goes through :mod:`pipelines.store.inbox`.
"""
