"""Reasons, in words that recur, why no claim checks a statement."""

A_STEP = "an identity, a step of the proof named beside it"

READ_OFF = "read off the formula, which is proved and whose terms have claims"
"""For what a sentence says of a bound, and not of the algorithm."""

SEC_6 = "on deep networks, in Sec. 6; here reported by the experiments on networks"
