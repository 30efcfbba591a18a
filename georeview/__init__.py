"""georeview: review of satellite suspect plots on rivers.

The rooms and what flows through them are described in ARCHITECTURE.md.
"""

import os

# Nothing here multiplies large matrices, and a thread for each core, which waits busily, costs every
# process a tenth of a second. Read once, when NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
