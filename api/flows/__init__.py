"""What went where and what was tried before: kept with each decision, looked up for the next."""
