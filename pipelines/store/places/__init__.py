"""Places: where what lasts of a home is kept, a folder of this machine or a prefix of an object store (ADR 0037).

``base`` says what a place does, ``local`` and ``objects`` do it. Nothing else of the store knows which of them it has.
"""
