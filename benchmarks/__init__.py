"""Races against peers: the same answers first, then the cost, side by side in one run."""
