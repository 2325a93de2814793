"""The tables of CONTRACT §12 and the findings beside them, one model a file."""
