"""Exact arithmetic with units, dates and money, which models are bad at in their heads."""

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any

SATURDAY = 5  # of date.weekday()
MOST_DAYS = 40_000  # between two dates whose working days are counted


def convert_unit(
    value: float,
    unit: Annotated[str, "Such as km/h, degF, lb, GiB, gallon"],
    to: Annotated[str, "The unit wanted, such as m/s, degC, kg, GB, liter"],
) -> str:
    """Convert a quantity from one unit to another."""
    import pint  # noqa: PLC0415 - here alone: it would be a third of a second of each start

    units: pint.UnitRegistry[Decimal] = pint.UnitRegistry(non_int_type=Decimal)
    try:
        result = units.Quantity(Decimal(str(value)), unit).to(to)
    except pint.UndefinedUnitError as error:
        raise ValueError(f"There is no such unit: {error}. Use its usual English name or symbol.") from error
    except pint.DimensionalityError as error:
        raise ValueError(f"These measure different things: {error}.") from error
    return f"{float(result.magnitude):.10g} {result.units:~P}"


def days_between(start: date, end: date) -> dict[str, Any]:
    """How many days and working days (Monday to Friday, no holidays) lie between two dates.

    The first day is not counted, the last one is.
    """
    days = (end - start).days
    if abs(days) > MOST_DAYS:
        raise ValueError(f"At most {MOST_DAYS} days can be counted.")
    step = 1 if days >= 0 else -1
    passed = [start + timedelta(days=n) for n in range(step, days + step, step)]
    working = sum(day.weekday() < SATURDAY for day in passed)
    return {"days": days, "weeks": round(days / 7, 2), "working_days": step * working}


def add_to_date(
    start: date,
    days: int = 0,
    weeks: int = 0,
    working_days: Annotated[int, "Monday to Friday; counted after days and weeks"] = 0,
) -> dict[str, str]:
    """The date so many days, weeks and working days after a date; negative numbers go back."""
    if abs(working_days) > MOST_DAYS:
        raise ValueError(f"At most {MOST_DAYS} days can be counted.")
    try:
        day = start + timedelta(days=days, weeks=weeks)
        left, step = abs(working_days), timedelta(days=1 if working_days >= 0 else -1)
        while left:
            day += step
            left -= day.weekday() < SATURDAY
    except OverflowError as error:
        raise ValueError("That date lies outside of the calendar (years 1 to 9999).") from error
    return {"date": day.isoformat(), "weekday": f"{day:%A}"}


def convert_money(
    amount: Annotated[str, "Digits, such as 1250.50"],
    rate: Annotated[str, "What one unit of the first currency costs in the other, as the person gave it"],
    decimals: Annotated[int, "Of the other currency: 2 for EUR, 0 for KRW or JPY"] = 2,
) -> str:
    """Convert money at a rate that the person gives. There are no current rates here: ask for the rate."""
    money, price = Decimal(amount.replace(",", "")), Decimal(rate.replace(",", ""))
    if not money.is_finite() or not price.is_finite() or price <= 0:
        raise ValueError("The amount and the rate must be numbers, and the rate more than 0.")
    return str((money * price).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN))
