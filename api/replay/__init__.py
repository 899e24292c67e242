"""Recorded decisions, decided again from what was recorded of them, and compared with that."""
