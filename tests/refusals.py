"""Every refusal there is, for tests that hold all of them to something."""

import importlib
import pkgutil

from georeview import errors
from georeview.errors import GeoreviewError

for module in pkgutil.iter_modules(errors.__path__):
    importlib.import_module(f"{errors.__name__}.{module.name}")


def every_refusal() -> list[type[GeoreviewError]]:
    """The families and all that belong to them."""
    found: list[type[GeoreviewError]] = []
    todo: list[type[GeoreviewError]] = [GeoreviewError]
    while todo:
        kind = todo.pop()
        found.append(kind)
        todo += kind.__subclasses__()
    return found
