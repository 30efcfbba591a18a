"""Plots over boundary layers: facts and hints, for whole batches at once."""
