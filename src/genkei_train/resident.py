"""Labelled pictures that live on the device, for a GPU that no processor could feed.

The same samples and the same kinds of change as `genkei_train.feed`, a whole batch at a time; only what is
read from the folder crosses the bus.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch  # pyright: ignore[reportMissingImports]

from genkei_train.bent import Batch, varied
from genkei_train.feed import Arrays, Place, Samples, Variation, needed
from genkei_train.laid import Grounds, laid


class Pool:
    """The samples of a folder that may grow, on the device as far as they have been read.

    `room` samples are made place for; what comes after them is left out. Reading goes on in the background;
    an error there is raised by the next `count` or `wait`.
    """

    def __init__(self, open_data: Callable[[], Samples], net: str, device: str, room: int, readers: int = 4):
        self._open, self._net, self._device, self._room = open_data, net, device, room
        self.arrays: Batch = {}
        self.families: list[str] = []
        self._ready, self._error = 0, None
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(readers,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def count(self) -> int:
        """Samples on the device."""
        if self._error is not None:
            raise self._error
        return self._ready

    def wait(self, count: int) -> int:
        """As `count`, once there are so many."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready >= count or self._error is not None)
        return self.count()

    def _read(self, readers: int) -> None:
        try:
            with ThreadPoolExecutor(readers) as threads:
                while not self._ended.is_set() and self._ready < self._room:
                    samples = self._open()
                    first, last = self._ready, min(len(samples), self._room)
                    for start in range(first, last, 64):
                        if self._ended.is_set():
                            return
                        rows = range(start, min(start + 64, last))
                        self._take(list(threads.map(samples.sample, rows)))
                    if first == last:
                        self._ended.wait(2.0)
        except Exception as error:  # noqa: BLE001 (told to whoever asks next, in its own thread)
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _take(self, read: list[Arrays]) -> None:
        known = [needed(sample, self._net) for sample in read]
        for name in known[0]:
            rows = torch.from_numpy(np.stack([k[name] for k in known]))
            if name not in self.arrays:
                shape = (self._room, *rows.shape[1:])
                self.arrays[name] = torch.empty(shape, dtype=rows.dtype, device=self._device)
            self.arrays[name][self._ready : self._ready + len(rows)] = rows.to(self._device)
        self.families += [str(sample.get("family", "")) for sample in read]
        with self._changed:
            self._ready += len(read)
            self._changed.notify_all()


@dataclass
class Resident:
    """Batches without end from a pool, as `feed.Feed` gives them from a folder; tensors on the device.

    Same seed and same pool, same batches. The random numbers are the device's own, so that a CPU and a GPU
    draw others.
    """

    pool: Pool
    net: str
    batch: int
    seed: int
    variation: Variation
    share: dict[str, float] = field(default_factory=dict)
    """Chance that a sample of a family is used in a pass; 1 for families not named."""
    device: str = "cpu"
    least: int = 64
    """Samples that must be there before a pass begins."""
    grounds: Grounds | None = None
    """What the matte net's figures are laid on."""

    def batches(self, place: Place) -> Iterator[tuple[Batch, Place]]:
        try:
            while True:
                length = place.length or self.pool.wait(max(self.least, 1))
                self.pool.wait(length)
                rows = self._rows(place.number, length)
                for row in range(place.row, len(rows)):
                    own = int(np.random.default_rng([self.seed, 2, place.number, row]).integers(1 << 62))
                    generator = torch.Generator(self.device).manual_seed(own)
                    yield self._made(rows[row], length, generator), Place(place.number, row + 1, length)
                place = Place(place.number + 1)
        finally:
            self.pool.close()

    def _rows(self, number: int, length: int) -> np.ndarray:
        """The batches of a pass: every sample once, in shuffled order, families by their shares."""
        rng = np.random.default_rng([self.seed, 1, number])
        chance = np.array([self.share.get(f, 1.0) for f in self.pool.families[:length]])
        order = rng.permutation(np.flatnonzero(rng.random(length) < chance))
        if not len(order):
            raise ValueError(f"none of {length} samples is of a family that is used; see the shares")
        return np.resize(order, (-(-len(order) // self.batch), self.batch))

    def _made(self, chosen: np.ndarray, length: int, rng: torch.Generator) -> Batch:
        index = torch.from_numpy(chosen).to(self.device)
        if self.net == "matte":
            assert self.grounds is not None
            figures = self.pool.arrays["picture"]
            others = torch.randint(length, (len(chosen), 3), generator=rng, device=self.device)
            paper = self.pool.arrays["paper"][index]
            return laid(figures[index], figures[others], paper, self.grounds, self.variation, rng)
        batch = {name: array[index] for name, array in self.pool.arrays.items()}
        return varied(batch | {"mask": batch["picture"][..., 3]}, self.variation, rng)
