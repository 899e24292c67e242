"""The decision log's mathematics: tree, proofs, tiles, signed checkpoints and proof files.

Pure: whatever is stored, fetched or timed is handed in. The formats are RFC 9162 and those of C2SP
(tlog-tiles, signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof), byte for byte.
"""
