"""What each table is: one pandera model a file. No input or output, no orchestration."""
