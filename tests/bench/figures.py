"""What a measurement gives, and how many are summed up."""

from statistics import quantiles

Figures = dict[str, float]


def percentiles(name: str, seconds: list[float]) -> Figures:
    """p50 and p99 in milliseconds."""
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {f"{name}, p50 ms": cuts[49] * 1_000, f"{name}, p99 ms": cuts[98] * 1_000}
