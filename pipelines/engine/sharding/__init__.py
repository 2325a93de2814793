"""A month in shards: closed worlds of rows that hang together, on each of which the same rules run (ADR 0034).

``routing`` finds out which rows hang together and lays them apart, ``shards`` runs the stages on one shard,
``settling`` and ``gathering`` do what needs all of them, ``months`` puts it in order. All that is handed from one step
to the next lies in files of one folder (``spill``), so steps run in this process or on any machine that sees it
(``runners``), and one that died is run again.
"""
