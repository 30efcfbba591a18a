"""``python -m georeview.cli``."""

from georeview.cli import main

main()
