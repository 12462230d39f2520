"""Writing an animation, as MP4 where there is an encoder, as GIF everywhere else."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sdeopt.files import atomic_path
from sdeopt.streams import on_terminal

if TYPE_CHECKING:
    from matplotlib.animation import FuncAnimation

FRAMES_PER_SECOND = 15

DOTS = 100
"""For each inch of the figure; for screens, not for print."""


def write_animation(animation: "FuncAnimation", folder: Path, name: str) -> Path:
    """Write an animation whole or not at all, with a bar on a terminal.

    Parameters
    ----------
    animation : matplotlib.animation.FuncAnimation
        What to write.
    folder : pathlib.Path
        Where to.
    name : str
        The name without a suffix.

    Returns
    -------
    pathlib.Path
        ``NAME.mp4`` if the program ffmpeg is installed, otherwise ``NAME.gif``.

    Raises
    ------
    OutputError
        If the file cannot be written; one of that name is then as it was.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from matplotlib.animation import FuncAnimation
    >>> from sdeopt.plot.animation import write_animation
    >>> from sdeopt.plot.style import grid_of_panels
    >>> figure, panels = grid_of_panels(1, 1)
    >>> (point,) = panels[0, 0].plot([0], [0], "o")
    >>> moving = FuncAnimation(figure, lambda frame: point.set_data([frame], [0]), frames=3)
    >>> path = write_animation(moving, pathlib.Path(tempfile.mkdtemp()), "point")
    >>> path.stem, path.stat().st_size > 0
    ('point', True)
    """
    # matplotlib's own names for its writers
    suffix, writer = (".mp4", "ffmpeg") if shutil.which("ffmpeg") else (".gif", "pillow")
    path = folder / f"{name}{suffix}"
    with atomic_path(path) as temporary, _bar(path.name) as progress:
        animation.save(
            temporary, writer, fps=FRAMES_PER_SECOND, dpi=DOTS, progress_callback=progress
        )
    return path


@contextmanager
def _bar(description: str) -> Iterator[Callable[[int, int], object] | None]:
    """Yield what counts the frames: a bar on a terminal, nothing anywhere else."""
    if not on_terminal():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(description)
        yield lambda frame, frames: bar.update(task, completed=frame + 1, total=frames)
