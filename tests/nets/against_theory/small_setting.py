"""A setting that takes a second or two."""

from nets.against_theory.configuration import NetworkConfiguration

SMALL = NetworkConfiguration(
    examples=300,
    pool=7,
    widths=(6,),
    runs=12,
    agents=(4, 1, 2),
    coupling=(1.0, 0.05, 2.0, 10.0),
    snapshots=(0, 20, 60, 75, 90, 105, 120),
    stationary=60,
    trials=4,
    batches=(1, 8, 64),
    repeats=200,
    svag_rates=(0.1, 0.4),
    svag_time=2.0,
    svag_parts=(1, 2),
    replicas=24,
    band=0.35,
)
