"""The rules, specified as little tables that are tests and documentation at once."""
