"""Where tables, originals, landed rows and publications live. Nothing here reads a format or decides anything.

Plain files are written whole or not at all (``files``); tables are Delta tables whose partitions carry the digest of
their content (``tables``); a publication is real once its manifest stands (``publications``).
"""
