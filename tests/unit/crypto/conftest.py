"""Google's Tink is published for Linux only."""

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_tink.py"]
