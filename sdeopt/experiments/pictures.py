"""Pictures for pages and for the repository: fewer bytes, and no difference that a reader sees."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

DOTS_PER_PIXEL = 200 / 110
"""Pictures have 200 dots to an inch, and an inch of print is 110 pixels of a page."""

SCALE = 0.6
"""Of the dots: 120 to an inch are left, as many as a page shows of them."""

COLOURS = 64
"""Of a drawing of lines, which few colours keep sharper than a lossy compression."""

SMALL = 480
"""Dots along a picture of an overview, which is shown half as wide."""

QUALITY = 70
"""Of the compression of a map, which has more."""


def smaller(path: Path, width: int | None = None) -> bytes:
    """Return the picture in a file as WebP, with as many dots as a page needs."""
    from PIL import Image

    with Image.open(path) as picture:
        scale = SCALE if width is None else width / picture.width
        size = (round(scale * picture.width), round(scale * picture.height))
        resized = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    few = resized.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    drawn, painted = io.BytesIO(), io.BytesIO()
    few.convert("RGB").save(drawn, "WEBP", lossless=True, quality=60, method=4)
    resized.save(painted, "WEBP", quality=QUALITY, method=4)
    return min(drawn.getvalue(), painted.getvalue(), key=len)


def palette(path: Path) -> bytes:
    """Return a PNG with all of its dots in 256 colours: a third of the bytes."""
    from PIL import Image

    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    found = io.BytesIO()
    few.save(found, "PNG", optimize=True)
    return found.getvalue()


@dataclass(frozen=True)
class Picture:
    """A picture inside a page, and the files beside the page that have all of its dots."""

    source: str
    width: int
    height: int
    full: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> "Picture":
        """Return the picture in a PNG; the page lies in the folder above that of the file."""
        from PIL import Image

        with Image.open(path) as picture:
            width, height = picture.size
        beside = (path, path.with_suffix(".pdf"))
        return cls(
            "data:image/webp;base64," + base64.b64encode(smaller(path)).decode("ascii"),
            width,
            height,
            tuple(f"{path.parent.name}/{file.name}" for file in beside if file.is_file()),
        )

    @property
    def printed(self) -> int:
        """The width on a page that has room for it, in pixels."""
        return round(self.width / DOTS_PER_PIXEL)
