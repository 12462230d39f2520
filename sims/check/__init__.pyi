"""What `sims.check` offers; each name is loaded from its home when it is first used."""

from .checking import check as check
from .report import Report as Report
from .theorem import Row as Row
