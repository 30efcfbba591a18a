"""Arrays of geometries in, arrays out: coordinate systems, measures, repair, subdivision, tiles."""
