"""The documentation site. `make docs` builds it; a warning is an error."""

from __future__ import annotations

import sys
from pathlib import Path

import ketascope

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Ketascope"
author = "The Ketascope developers"
project_copyright = author
version = release = ketascope.__version__

extensions = [
    "library_pages",
    "validation_page",
    "claims_page",
    "rules_page",
    "myst_parser",
    "sphinx_copybutton",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "furo"
smartquotes_action = "qe"  # two hyphens stay: they begin options
html_title = f"Ketascope {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
exclude_patterns = ["_build"]
