"""The polynomials of the error function, for `sdeopt.math`."""

from sdeopt.kernels.compilation import compiled_into_loops
from sdeopt.kernels.intrinsics import fma


@compiled_into_loops
def erf_of_small(x: float) -> float:
    """Return erf(x) for |x| <= 1."""
    s = x * x
    p = fma(s, 5.945290031037285e-11, -1.1365683248456953e-09)
    p = fma(s, p, 1.4657884472637242e-08)
    p = fma(s, p, -1.6350025936209924e-07)
    p = fma(s, p, 1.6460972886829844e-06)
    p = fma(s, p, -1.4925593511401867e-05)
    p = fma(s, p, 0.00012055331037093965)
    p = fma(s, p, -0.0008548326978747702)
    p = fma(s, p, 0.005223977624780965)
    p = fma(s, p, -0.026866170645072907)
    p = fma(s, p, 0.11283791670954857)
    p = fma(s, p, -0.3761263890318375)
    p = fma(s, p, 1.1283791670955126)
    return x * p


@compiled_into_loops
def tail_to_six(size: float) -> float:
    """Return exp(a²) erfc(a) for a in [1, 6]."""
    t = (size - 1.0) / (size + 2.0)
    p = fma(t, 0.0002115766973304281, -0.0006561023871760162)
    p = fma(t, p, 0.0004842633590733134)
    p = fma(t, p, -0.00011359104395701025)
    p = fma(t, p, 0.0009088589996679052)
    p = fma(t, p, 0.00019484613584928883)
    p = fma(t, p, -0.002533567491993847)
    p = fma(t, p, -0.004429474964865839)
    p = fma(t, p, 0.00642526429209707)
    p = fma(t, p, 0.027561013709385164)
    p = fma(t, p, -0.02563238176410167)
    p = fma(t, p, -0.1800761008578402)
    p = fma(t, p, 0.5697080079891922)
    p = fma(t, p, -0.8196360443516247)
    return fma(t, p, 0.4275835761558069)


@compiled_into_loops
def tail_to_28(size: float) -> float:
    """Return exp(a²) erfc(a) for a in [1/2, 28]."""
    # exp(a²) erfc(a) (a + 15/4) by mpmath.chebyfit in t, 20 coefficients: off by at most 5e-17
    t = (size - 3.75) / (size + 3.75)
    p = fma(t, 2.678623344920029e-08, -1.8988072941203143e-08)
    p = fma(t, p, -2.477690982691347e-07)
    p = fma(t, p, 2.705786784980295e-07)
    p = fma(t, p, 1.6453226189314832e-06)
    p = fma(t, p, -3.283234963839732e-06)
    p = fma(t, p, -8.89953496906104e-06)
    p = fma(t, p, 3.7469164228625914e-05)
    p = fma(t, p, 1.059286410633838e-05)
    p = fma(t, p, -0.0003486462055956764)
    p = fma(t, p, 0.0007948232748695264)
    p = fma(t, p, 0.000986337979106032)
    p = fma(t, p, -0.012535880056735043)
    p = fma(t, p, 0.04911877862422101)
    p = fma(t, p, -0.13195540117782392)
    p = fma(t, p, 0.2790620490333791)
    p = fma(t, p, -0.4904702912076908)
    p = fma(t, p, 0.7363189252217588)
    p = fma(t, p, -0.9587415766529095)
    p = fma(t, p, 1.091922909562789)
    return p / (size + 3.75)
