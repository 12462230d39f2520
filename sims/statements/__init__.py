"""What Boffi & Slotine (2020), Secs 2 to 5, and Lemma 1 of Adilova et al. (2018) state, claim by claim.

The sentences are ours; the order is that of the papers. What the claims say beyond the papers stands at
the end, so that every claim on model losses has its place.
"""

from sims.statements.beyond import BEYOND
from sims.statements.figures_1_to_3 import FIGURES_1_TO_3
from sims.statements.figures_4_to_6 import FIGURES_4_TO_6
from sims.statements.section_2 import SECTION_2
from sims.statements.section_3 import SECTION_3
from sims.statements.section_4 import SECTION_4
from sims.statements.section_5 import SECTION_5
from sims.statements.section_5_3 import SECTION_5_3

STATEMENTS = (
    *SECTION_2, *SECTION_3, *SECTION_4, *FIGURES_1_TO_3, *FIGURES_4_TO_6, *SECTION_5, *SECTION_5_3,
    *BEYOND,
)  # fmt: skip
"""All of them."""
