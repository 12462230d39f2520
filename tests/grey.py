"""What a print in grey leaves of a colour."""

import numpy as np
from matplotlib import colors


def lightness(colour):
    """Return the lightness L* of CIE 1976: 0 is black, 100 white, equal steps look equal."""
    red_green_blue = np.array(colors.to_rgb(colour))
    linear = np.where(
        red_green_blue <= 0.04045, red_green_blue / 12.92, ((red_green_blue + 0.055) / 1.055) ** 2.4
    )
    luminance = linear @ [0.2126, 0.7152, 0.0722]
    return float(116 * np.cbrt(luminance) - 16 if luminance > 0.008856 else 903.3 * luminance)
