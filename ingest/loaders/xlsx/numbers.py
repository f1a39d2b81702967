"""Values of cells -> how a spreadsheet shows them: dates, percents, decimals, currencies.

Pure functions. Covers the formats that change what a figure says; what is odder is shown plainly.
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)(?:-[^\]]*)?\]|\[[^\]]*\]|_.|\*.')
_PLACES = re.compile(r"[#0?]\.([0#?]+)")
_DIGITS = re.compile(r"[#0?,.]+(?:E[+-]0+)?")
_MOST_DIGITS = 11


def shown(value: object, form: str) -> str:
    """The text of a cell that holds `value` in the number format `form`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return _date(value, form)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    if isinstance(value, (int, float)):
        return _number(value, form)
    return str(value)


def _date(value: datetime.datetime | datetime.date | datetime.time, form: str) -> str:
    """A date as year-month-day, with the time where the format or the value has one."""
    if isinstance(value, datetime.time):
        return value.isoformat("minutes" if not value.second else "seconds")
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    clock = any((value.hour, value.minute, value.second)) or "h" in form.lower()
    if not clock:
        return value.date().isoformat()
    spec = "seconds" if value.second else "minutes"
    return value.replace(microsecond=0).isoformat(" ", spec)


def _number(value: int | float, form: str) -> str:
    sections = form.split(";")
    section = sections[1] if value < 0 and len(sections) > 1 and sections[1] else sections[0]
    words = _QUOTED.sub(lambda m: m.group(1) or m.group(2) or m.group(3) or "", section)
    match = _DIGITS.search(words)
    if form == "General" or match is None or "E" in match.group() or "/" in words:
        return _plain(value)
    percent = "%" in words
    places = _PLACES.search(words)
    figures = Decimal(repr(value)) * (100 if percent else 1)
    decimals = len(places.group(1)) if places else 0
    rounded = abs(figures).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{rounded:,f}" if "," in match.group() else f"{rounded:f}"
    if places and "#" in places.group(1):
        text = text.rstrip("0").rstrip(".")
    if "," not in match.group():  # leading zeros, as of a postcode
        text = text.zfill(
            match.group().partition(".")[0].count("0") + len(text) - len(text.split(".")[0])
        )
    before, after = words[: match.start()].strip(), words[match.end() :].strip()
    sign = "-" if value < 0 and rounded and "-" not in before and "(" not in before else ""
    gap_before = " " if before[-1:].isalpha() else ""
    gap_after = "" if after.startswith(("%", ")")) or not after else " "
    return f"{sign}{before}{gap_before}{text}{gap_after}{after}"


def _plain(value: int | float) -> str:
    """A number as the format General shows it: without the noise of binary fractions."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{_MOST_DIGITS - 1}g}"
    return text if "e" in text else str(Decimal(text).normalize().__format__("f"))
