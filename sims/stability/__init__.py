"""The steps that discrete EASGD and QSGD allow on a parabola, against Jury's conditions."""
