"""Rule files: read, check, publish. Rules as data; nothing is evaluated here."""
