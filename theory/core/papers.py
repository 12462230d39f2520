"""The papers whose results are proved here."""

__all__ = ["ADILOVA", "BOFFI_SLOTINE", "LARGE_BATCH", "SLOTINE"]

BOFFI_SLOTINE = (
    "Boffi and Slotine, A continuous-time analysis of distributed stochastic gradient (2020)"
)
ADILOVA = (
    "Adilova, Paul and Schlicht, Introducing noise in decentralized training of neural networks "
    "(2018)"
)
LARGE_BATCH = "Anonymous, Even larger batch size with additive gradient noise (under review)"
SLOTINE = "Slotine, Modular stability tools for distributed computation and control (2003)"
