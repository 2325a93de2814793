"""Identifiers, one a file: each says of a whole column of texts which are well formed, check digit included."""
