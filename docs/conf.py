"""How Sphinx builds the documentation: `make docs`; nothing is fetched while it builds or is read."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sdeopt.version import __version__  # noqa: E402 - it is beside this folder

project = "sdeopt"
author = "the sdeopt authors"
release = version = __version__
html_title = "sdeopt"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "docs.extension.docstrings",
    "docs.extension.mathml",
    "docs.extension.pages",
]
html_theme = "furo"
exclude_patterns = ["_build", "results", "extension"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3
# the outputs that the notebooks keep are shown: `tests/test_notebooks.py` makes them again
nb_execution_mode = "off"

html_math_renderer = "mathml"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["site.css"]

# Names in single backticks, as docstrings have them.
default_role = "code"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "separated"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_use_param = False
