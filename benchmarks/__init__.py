"""Speed as ratios, side by side in one run: absolute times mean little on shared machines."""
