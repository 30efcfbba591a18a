"""The only SQL, and the files by their hash."""
