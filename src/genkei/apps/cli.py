"""The `genkei` command: parse, check the words, call a job, and say how it ended."""

import dis
import os
import shutil
import signal
import sys
import textwrap
import threading
import traceback
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import tyro

from genkei.apps.options import (
    CheckFile,
    Doctor,
    Make,
    Models,
    Photo,
    Printify,
    Stylise,
    UsageError,
    Verb,
    Views,
)

GOOD, FAILED, USAGE, WOULD_NOT_PRINT, STOPPED = 0, 1, 2, 3, 130

DESCRIPTION = """A drawing of an anime character in, a textured 3D character and a printable figure out.
Offline, on an ordinary processor.

  genkei make front.png -o out            one drawing
  genkei make --sheet sheet.png -o out    a turnaround sheet
  genkei VERB --help                      everything a verb understands

Exit codes: 0 good, 1 the job failed, 2 wrong usage, 3 a print check failed (files are written all the same).
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code. Nothing a user can cause ends in a traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        verb = _parse(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else USAGE
    _keep_pipes_open()
    heard: list[int] = []
    previous = _stop_on_signals(heard)
    try:
        return _run(verb)
    except KeyboardInterrupt:
        return _stopped()
    except (ImportError, SystemError):
        if heard:  # a compiled module that is stopped while it loads says that it is broken
            return _stopped()
        raise
    except (ValueError, OSError, MemoryError) as error:
        if heard:
            return _stopped()
        if verb.debug:
            traceback.print_exc()
        say_error(in_words(error))
        return USAGE if isinstance(error, UsageError) else FAILED
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _parse(arguments: list[str]) -> Verb:
    if arguments in (["--version"], ["-V"]):
        from genkei import __version__

        print(f"genkei {__version__}")
        raise SystemExit(GOOD)
    return tyro.cli(
        Verb,  # pyright: ignore[reportArgumentType]  (a union is what tyro makes verbs of)
        prog="genkei",
        description=DESCRIPTION,
        args=arguments,
        config=(tyro.conf.FlagCreatePairsOff, tyro.conf.OmitArgPrefixes),
    )


def _run(verb: Verb) -> int:
    """Everything heavy is imported behind this line."""
    if isinstance(verb, Doctor):
        from genkei.apps.doctor import examine

        return GOOD if examine(verb) else FAILED
    if isinstance(verb, Models):
        from genkei.apps.published import show

        return GOOD if show(verb) else FAILED
    _prepare(verb.threads, verb.quiet)
    from genkei.apps import jobs

    if isinstance(verb, Make):
        passed = jobs.make(verb)
    elif isinstance(verb, Views):
        passed = jobs.views(verb)
    elif isinstance(verb, Printify):
        passed = jobs.printify(verb)
    elif isinstance(verb, Photo):
        from genkei.apps import photo_job

        passed = photo_job.photo(verb)
    elif isinstance(verb, Stylise):
        from genkei.apps import stylise_job

        passed = stylise_job.stylise(verb)
    else:
        assert isinstance(verb, CheckFile)
        passed = jobs.check(verb)
    return GOOD if passed else WOULD_NOT_PRINT


def _prepare(threads: int, quiet: bool) -> None:
    """Thread counts and the kernels' cache are environment variables, read when numpy is loaded."""
    from genkei.apps.machine import cache_folder, prepare_kernels

    if threads < 0:
        raise UsageError(f"--threads is {threads}; wanted a number of cores, or 0 for all of them")
    if threads:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
            os.environ[name] = str(min(threads, os.cpu_count() or 1))
    if prepare_kernels(cache_folder()) and not quiet:
        print("compiling kernels (first run on this machine: about half a minute, once)", file=sys.stderr)


def of_our_making(error: BaseException) -> bool:
    """Whether the error came up inside a library call: a sentence for people is raised, not called."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    return dis.opname[trace.tb_frame.f_code.co_code[trace.tb_lasti]] != "RAISE_VARARGS"


def in_words(error: BaseException) -> str:
    """One paragraph for people."""
    if isinstance(error, MemoryError):
        return (
            "this machine has not enough memory for the job; close other programs, or give smaller pictures"
        )
    if isinstance(error, OSError) and error.errno is not None:
        reason = os.strerror(error.errno).lower()
        where = f": {error.filename}" if error.filename else ""
        return f"{reason}{where}; nothing was written. Free some space, or choose another folder with -o"
    says = str(error) or type(error).__name__
    if isinstance(error, ValueError) and of_our_making(error):
        return f"something went wrong inside ({says}): a fault of genkei; --debug shows where"
    return says


def say_error(message: str) -> None:
    """Wrapped to the terminal, on stderr."""
    width = max(min(shutil.get_terminal_size((100, 24)).columns, 110), 40)
    lines = textwrap.wrap(f"genkei: {message}", width, break_long_words=False, break_on_hyphens=False)
    print("\n".join(lines), file=sys.stderr)


def _stopped() -> int:
    say_error("stopped; nothing was written")
    return STOPPED


def _stop_on_signals(heard: list[int]) -> Mapping[int, Any]:
    """Ctrl-C and SIGTERM end alike, so that a stopped service leaves nothing half-written; what was there
    before, to be put back. A signal that the caller ignores stays ignored; another thread hears none."""

    def stop(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    usual = {signal.SIGTERM: (signal.SIG_DFL,), signal.SIGINT: (signal.default_int_handler, signal.SIG_DFL)}
    if threading.current_thread() is not threading.main_thread():
        return {}
    chosen = [number for number, handlers in usual.items() if signal.getsignal(number) in handlers]
    return {number: signal.signal(number, stop) for number in chosen}


def _keep_pipes_open() -> None:
    """A picture's kanji name must not end the program on a console with another encoding."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
