"""Precision, printing and comparison of the reference numbers, and the doubles they are computed for."""

import math
import random

import mpmath
from mpmath import mp, mpf

PRINTED_DIGITS = 25
GUARANTEED_DIGITS = 60
# Carried beyond the guaranteed digits, for the cancellations of the plain formulas.
GUARD_DIGITS = 40
mp.dps = GUARANTEED_DIGITS + GUARD_DIGITS

# Two routes to a value must agree to this.
AGREEMENT = mpf(10) ** -45
# Relative step of the central differences.
DIFFERENCE = mpf(10) ** -30
# Values between 0 and SMALLEST are left out (doubles lose digits soon below), and those beyond LARGEST.
SMALLEST = mpf(10) ** -300
LARGEST = mpf(10) ** 300
SEED = 240513098


def require_agreement(first, second, what):
    """Stops the script where two routes differ."""
    scale = max(abs(first), abs(second))
    if scale > SMALLEST and abs(first - second) > AGREEMENT * scale:
        raise SystemExit(f"two routes disagree: {first} and {second} for {what}")


def cells(value, condition, worst_condition=mp.inf):
    """A value with 25 digits and its condition number with four.

    Both are empty where the value is undefined (None), too small or too large for a double to hold well, or worse
    conditioned than `worst_condition`.
    """
    if value is None or 0 < abs(value) < SMALLEST or abs(value) > LARGEST or condition > worst_condition:
        return "", ""
    return mp.nstr(value, PRINTED_DIGITS) if value != 0 else "0", f"{float(condition):.3e}"


def plain(x):
    """A double that reads back as itself, in few characters."""
    text = repr(x)
    return text[:-2] if text.endswith(".0") else text


def write_table(path, header_lines, columns, rows):
    """A CSV table under a commented header."""
    made = f"made by make_reference.py with mpmath {mpmath.__version__}, {GUARANTEED_DIGITS} digits and more"
    lines = [f"# {line}" for line in [*header_lines, made]]
    lines.append(",".join(columns))
    lines.extend(",".join(row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")
    print(f"{path.name}: {len(rows)} rows, {path.stat().st_size} bytes")


def double(x, digits=6):
    """The double next to x rounded to a few decimal digits (so that no platform's libm matters)."""
    return float(mp.nstr(mpf(x), digits))


class Draw:
    """Random inputs from a seed: only `random.random`, whose sequence Python guarantees."""

    def __init__(self, seed):
        self.generator = random.Random(seed)

    def uniform(self, low, high):
        return low + (high - low) * self.generator.random()

    def log(self, low, high):
        return double(mpf(10) ** mpf(self.uniform(math.log10(low), math.log10(high))))

    def choice(self, items):
        return items[int(self.generator.random() * len(items))]


class Cycle:
    """Goes round a list, so that a grid meets every window and position."""

    def __init__(self, items):
        self.items, self.next_index = items, 0

    def __call__(self):
        self.next_index += 1
        return self.items[(self.next_index - 1) % len(self.items)]
