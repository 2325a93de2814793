"""The assets of a month, stage by stage: what each takes, one call of its stage, what it gives."""
