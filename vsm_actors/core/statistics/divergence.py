"""How far apart two distributions over the same words are."""

import math
from collections.abc import Mapping


def jensen_shannon(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return the Jensen-Shannon divergence of two distributions in bits, 0 to 1.

    H(m) - (H(one) + H(other)) / 2 with m their mean (Lin, 1991), written as the mean of both
    Kullback-Leibler divergences from m, which does not cancel where they are close.

    Args:
        one: weight by word, at least 0, not all 0; scaled to sum to 1.
        other: the same.
    """
    sums = math.fsum(one.values()), math.fsum(other.values())
    total = 0.0
    for word in {*one, *other}:
        p, q = one.get(word, 0.0) / sums[0], other.get(word, 0.0) / sums[1]
        mean = (p + q) / 2
        total += sum(share * math.log2(share / mean) for share in (p, q) if share > 0) / 2
    return min(1.0, max(0.0, total))
