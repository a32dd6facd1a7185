"""Jobs shared out among processes are answered as one process answers them."""

import os
import signal

import pytest

from genkei.figure.workshop import shared_out


def squared(number: int) -> int:
    return number * number


def refused(number: int) -> int:
    if number == 2:
        raise ValueError("two is refused")
    return number


def killed_elsewhere(number: int) -> tuple[int, int]:
    """Only in the process that asked is it answered."""
    if os.getppid() == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return number, os.getpid()


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_answers_stand_in_the_order_of_the_jobs(processes):
    told: list[int] = []
    assert shared_out(squared, range(7), processes, told.append) == [k * k for k in range(7)]
    assert told == sorted(told) and (processes > 1 or told == list(range(7)))
    assert shared_out(squared, [], processes) == []


def test_the_heaviest_job_is_begun_first():
    told: list[int] = []
    assert shared_out(squared, [3, 1, 4, 5], 1, told.append, [3, 1, 4, 5]) == [9, 1, 16, 25]
    assert told == [5, 4, 3, 1]


@pytest.mark.parametrize("processes", [1, 3])
def test_a_refusal_comes_up_here(processes):
    with pytest.raises(ValueError, match="two is refused") as caught:
        shared_out(refused, range(4), processes)
    assert caught.traceback[-1].name == "refused"


def test_what_a_killed_helper_left_is_done_here():
    here = os.getpid()
    assert shared_out(killed_elsewhere, [here] * 3, 2) == [(here, here)] * 3


def test_refusals():
    with pytest.raises(ValueError, match="0 processes were asked for"):
        shared_out(squared, [1], 0)


def threads_of(job: int) -> int:
    import numba

    return numba.get_num_threads()


def test_processes_share_the_kernels_threads_and_give_them_back():
    import numba

    before = numba.get_num_threads()
    assert shared_out(threads_of, [1, 2, 3], 2) == [max(before // 2, 1)] * 3
    assert numba.get_num_threads() == before
    assert shared_out(threads_of, [1], 1) == [before]
