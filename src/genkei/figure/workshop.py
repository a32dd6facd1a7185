"""Jobs shared out among processes: the answers stand in the order of the jobs, whoever did them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized

Job = TypeVar("Job")
Answer = TypeVar("Answer")


def shared_out(
    work: Callable[[Job], Answer],
    jobs: Sequence[Job],
    processes: int,
    started: Callable[[Job], None] = lambda job: None,
    weights: Sequence[float] = (),
) -> list[Answer]:
    """`work` of every job, done by this process and `processes - 1` helpers that start afresh.

    Everybody takes the heaviest job that nobody has, or the first without `weights`. What a helper leaves
    undone, because it failed or was killed, is done again here, so that the reason comes up here. `work` and
    the jobs must be picklable.
    """
    if not 1 <= processes <= 64:
        raise ValueError(f"{processes} processes were asked for, wanted 1 to 64")
    if weights:
        order = sorted(range(len(jobs)), key=lambda k: -weights[k])
        answers = shared_out(work, [jobs[k] for k in order], processes, started)
        return [answers[order.index(k)] for k in range(len(jobs))]
    context = get_context("spawn")  # a fork would copy locks that other threads hold
    turn = context.Value("i", 0)
    ears, helpers, workers = [], [], max(min(processes, len(jobs)), 1)
    for _ in range(workers - 1):
        ear, mouth = context.Pipe(duplex=False)
        helpers.append(context.Process(target=_help, args=(work, jobs, turn, mouth, workers), daemon=True))
        helpers[-1].start()
        mouth.close()
        ears.append(ear)
    try:
        with _own_threads(workers):
            answers = _taken(work, jobs, turn, started)
        for ear in ears:
            answers |= _heard(ear)
    except BaseException:
        for helper in helpers:
            helper.terminate()
        raise
    finally:
        for helper in helpers:
            helper.join()
    return [answers[k] if k in answers else work(jobs[k]) for k in range(len(jobs))]


def _taken(
    work: Callable[[Job], Answer],
    jobs: Sequence[Job],
    turn: "Synchronized[int]",
    started: Callable[[Job], None],
) -> dict[int, Answer]:
    """Answers by the job's number, of those that came to this process."""
    answers: dict[int, Answer] = {}
    while True:
        with turn.get_lock():
            k = turn.value
            turn.value += 1
        if k >= len(jobs):
            return answers
        started(jobs[k])
        answers[k] = work(jobs[k])


def _help(
    work: Callable[[Job], Answer],
    jobs: Sequence[Job],
    turn: "Synchronized[int]",
    mouth: "Connection",
    workers: int,
) -> None:
    """A helper's whole life; a ValueError ends it without a word, since the job is done again."""
    try:
        with _own_threads(workers):
            mouth.send(_taken(work, jobs, turn, lambda job: None))
    except ValueError:
        mouth.send({})


@contextmanager
def _own_threads(workers: int) -> Iterator[None]:
    """The kernels' threads shared out among the workers: more than there are cores only wait."""
    import numba

    before = numba.get_num_threads()
    numba.set_num_threads(max(before // workers, 1))
    try:
        yield
    finally:
        numba.set_num_threads(before)


def _heard(ear: "Connection") -> dict[int, Any]:
    try:
        return ear.recv()
    except EOFError:  # the helper was killed
        return {}
