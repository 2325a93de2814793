"""When it runs: Dagster assets, checks, partitions, schedule, sensor and job. The only room that says ``dg.``.

What belongs here: which stage needs and gives which tables, and what is told of them. What does not: what is decided.
"""
