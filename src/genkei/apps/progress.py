"""Stage names and elapsed times on stderr while the work goes on."""

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars

SAYS = {
    "read": "reading",
    "views": "adding the sides nobody drew",
    "shape": "finding the solid",
    "texture": "painting",
    "solid": "closing the model",
    "figure": "building the figure",
    "checks": "checking whether it prints",
    "look": "looking for the face and the hands",
    "stylise": "making the figure's picture",
    "photo": "lighting and taking the picture",
    "comparison": "comparing with the drawing",
    "files": "writing files",
    "report": "writing the report",
}


class Progress:
    """`with Progress() as progress: progress("shape")`: ends the stage before, starts this one."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.stage = ""
        self.since = time.perf_counter()
        self.status: Bars | None = None

    def __call__(self, stage: str) -> None:
        self._end()
        self.stage, self.since = stage, time.perf_counter()
        if not self.quiet and sys.stderr.isatty():
            self.status = self._spinner(SAYS.get(stage, stage))
            self.status.start()

    def say(self, line: str) -> None:
        """One line of its own."""
        if not self.quiet:
            self._console().print(line, highlight=False)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(failed=kind is not None)

    def _end(self, failed: bool = False) -> None:
        if self.status is not None:
            self.status.stop()
            self.status = None
        if self.stage and not self.quiet:
            mark = "[red]x[/red]" if failed else "[green]✓[/green]"
            says = SAYS.get(self.stage, self.stage)
            self._console().print(
                f"{mark} {says:<32} {time.perf_counter() - self.since:6.1f} s", highlight=False
            )
        self.stage = ""

    def _spinner(self, says: str) -> "Bars":
        from rich.progress import Progress as Bars
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        bars = Bars(*columns, console=self._console(), transient=True)
        bars.add_task(says, total=None)
        return bars

    @staticmethod
    def _console() -> "Console":
        from rich.console import Console

        return Console(stderr=True, soft_wrap=True)
