"""Shannon entropy of states in bits, corrected for small samples, withheld where it would mislead.

It assumes independent samples. All of it is array work over many streams at once: `count` holds
one figure per (stream, state) and `stream` says which stream each belongs to.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vsm_actors.core.batch import Floats

Places = NDArray[np.intp]
Flags = NDArray[np.bool_]

SAMPLES_PER_STATE = 5
"""Fewer samples a state than this leave a bias that the correction does not remove."""

SINGLETONS = 0.05
"""A greater share of samples seen once says that many states are still unseen (heavy tails)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entropies:
    """The entropies of s streams.

    Attributes:
        n: float64[s], samples.
        states: float64[s], different states seen (m).
        singletons: float64[s], states seen once.
        plain: float64[s], -sum(p log2 p), bits; NaN without samples.
        bits: float64[s], the same after Miller-Madow, at most log2 of the alphabet.
    """

    n: Floats
    states: Floats
    singletons: Floats
    plain: Floats
    bits: Floats

    @property
    def withheld(self) -> Flags:
        """bool[s]: where n < 5 m, or more than 5% of the samples are singletons, or n is 0."""
        thin: Flags = self.n < SAMPLES_PER_STATE * self.states
        heavy: Flags = self.singletons > SINGLETONS * self.n
        either: Flags = thin | heavy | (self.n == 0)
        return either


def entropies(
    count: Floats, stream: Places, streams: int, alphabet: Floats | None = None
) -> Entropies:
    """Return the entropies of many streams.

    Args:
        count: float64[k], weight of one state of one stream; those of 0 are ignored.
        stream: int[k], which stream, 0 to `streams` - 1.
        streams: how many there are.
        alphabet: float64[s], states that each stream can take; by default those it was seen in.

    Sources: Shannon (1948); Miller (1955), whose correction is (m - 1) / (2 n ln 2).
    """
    seen = count > 0
    count, stream = count[seen], stream[seen]
    n = _sums(stream, count, streams)
    share = count / n[stream]
    plain = _sums(stream, -share * np.log2(share), streams) + 0.0  # never -0
    states = _sums(stream, np.ones(len(count)), streams)
    some = np.where(n > 0, n, np.nan)
    corrected = plain + (states - 1) / (2 * some * np.log(2))
    most = np.log2(np.maximum(states if alphabet is None else alphabet, 1))
    return Entropies(
        n=n,
        states=states,
        singletons=_sums(stream, (count <= 1).astype(np.float64), streams),
        plain=np.where(n > 0, plain, np.nan),
        bits=np.minimum(corrected, np.maximum(most, plain)),
    )


def _sums(place: Places, value: Floats, places: int) -> Floats:
    return np.bincount(place, value, places).astype(np.float64, copy=False)


def entropy(counts: Iterable[float], alphabet: int | None = None) -> float | None:
    """Return the corrected entropy of one stream in bits, or None where it is withheld.

    Args:
        counts: samples by state.
        alphabet: states that the stream can take; by default those that it was seen in.
    """
    count = np.fromiter(counts, dtype=np.float64)
    most = None if alphabet is None else np.array([alphabet], dtype=np.float64)
    found = entropies(count, np.zeros(len(count), dtype=np.intp), 1, most)
    return None if found.withheld[0] else float(found.bits[0])
