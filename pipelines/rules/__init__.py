"""What we decide: pure functions from tables to tables. No files, no clock, no orchestration.

What belongs here: every decision of the contract, one concept a module. What does not: reading, storing, showing,
scheduling. Import a rule in a notebook and call it: nothing else is needed.
"""
