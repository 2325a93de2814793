"""How it is asked: one module a command of CONTRACT §13, and what they share to speak with a person or a program.

Messages go to stderr, answers to stdout. What belongs here: options, words, layout on a terminal. What does not:
figures (``outputs``), decisions (``rules``), runs (``defs``).
"""
