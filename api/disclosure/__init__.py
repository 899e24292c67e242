"""What a role is not shown of a decision: fields by path, as hashes that still match."""
