"""Decisions as they were made: appended in one place, read anywhere."""
