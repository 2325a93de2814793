"""One module a rule area, in the order of the contract: what each rule gives for a few rows, and why."""
