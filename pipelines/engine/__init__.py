"""On what it runs: one process over the readers, the rules and the store. The only room where the three meet.

What belongs here: landing files, loading the rows of a month, running the rules in order, publishing what they give.
What does not: how a format is read, what is decided, when it is run.
"""
