"""A page in a real browser, at the width of a laptop and of a phone."""

import html
import json
import re
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROGRAM = next((name for name in NAMES if shutil.which(name)), None)

OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--hide-scrollbars",
    *("--enable-logging=stderr", "--log-level=0", "--virtual-time-budget=5000", "--dump-dom"),
)

# Frames, because a window of a browser cannot be as narrow as a phone; what is in them thinks that
# it has the screen for itself. Every frame is asked for its pictures and for what sticks out of it.
HARNESS = """<!DOCTYPE html><meta charset="utf-8"><body>%s<pre id="measured"></pre><script>
window.onload = () => {
  const measured = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument, root = page.documentElement;
    return {
      width: root.clientWidth,
      content: root.scrollWidth,
      images: [...page.images].map(image => image.naturalWidth),
    };
  });
  document.getElementById("measured").textContent = JSON.stringify(measured);
};
</script></body>"""


def opened(page, widths, folder):
    """Return what a browser measures of a page at each width, and what it wrote to the console."""
    frames = "".join(
        f'<iframe style="border:0;width:{width}px;height:800px" srcdoc="{html.escape(page)}">'
        "</iframe>"
        for width in widths
    )
    harness = folder / "harness.html"
    harness.write_text(HARNESS % frames, encoding="utf-8")
    command = [PROGRAM, *OPTIONS, f"--user-data-dir={folder / 'profile'}", harness.as_uri()]
    browser = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    measured = re.search(r'<pre id="measured">(.+?)</pre>', browser.stdout)
    assert measured, browser.stderr
    console = re.findall(r":CONSOLE.*?\] (.*)", browser.stderr)
    return json.loads(html.unescape(measured[1])), console
