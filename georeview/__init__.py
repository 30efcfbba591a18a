"""georeview: review of satellite suspect plots on rivers.

The rooms and what flows through them are described in ARCHITECTURE.md.
"""

__version__ = "0.1.0"
