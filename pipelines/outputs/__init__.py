"""How answers leave: exports of tables, the outbox, the figures and words of the summary.

What belongs here: files for people and programs outside, and the figures shown to them. What does not: deciding
anything, reading the inbox, printing to a terminal (``commands``), knowing of Dagster. Everything written here repeats
byte for byte for the same tables: nothing in it tells when or where it was written.
"""
