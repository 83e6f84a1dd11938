"""Running notebooks, writing reports, one or hundreds.

Papermill comes first: its registry loads our engine, which needs it loaded.
"""

import papermill  # noqa: F401
