"""Error-function windows and inverse error functions, and the lines of special.csv."""

import math

from mpmath import mp, mpf

from displacement import window, window_complement
from numbers_and_tables import DIFFERENCE, SEED, SMALLEST, Draw, cells, double, plain, require_agreement, write_table


def sensitivity(function, arguments):
    """Σ |d ln f / d ln argument| over the arguments that are not 0."""
    value, total = function(*arguments), mpf(0)
    for i, argument in enumerate(arguments):
        if argument != 0 and value != 0:
            above, below = list(arguments), list(arguments)
            above[i], below[i] = argument * (1 + DIFFERENCE), argument * (1 - DIFFERENCE)
            total += abs((function(*above) - function(*below)) / (2 * DIFFERENCE * value))
    return total


def inverse_erf(q):
    """x with erf(x) = q by Newton's method; in terms of erfc near ±1."""
    if q < 0:
        return -inverse_erf(-q)
    if q > mpf("0.5"):
        return inverse_erf_complement(1 - q)
    x = q * mp.sqrt(mp.pi) / 2
    for _ in range(12):
        x -= (mp.erf(x) - q) * mp.sqrt(mp.pi) / 2 * mp.exp(x * x)
    require_agreement(mp.erf(x), q, f"erf of the inverse at {q}")
    return x


def inverse_erf_complement(p):
    """x with erfc(x) = p: Newton's method on ln erfc for small p."""
    if p >= mpf("0.5"):
        return inverse_erf(1 - p)
    log_p = mp.log(p)
    x = mp.sqrt(-log_p)
    for _ in range(14):
        tail = mp.erfc(x)
        x += (mp.log(tail) - log_p) * tail * mp.sqrt(mp.pi) / 2 * mp.exp(x * x)
    require_agreement(mp.log(mp.erfc(x)), log_p, f"erfc of the inverse at {p}")
    return x


def special_rows():
    """All lines of special.csv."""
    draw = Draw(SEED + 2)
    widths = [1e-300, 1e-200, 1e-100, 1e-30, 1e-16, 1e-8, 1e-4, 0.01]
    widths += [0.1, 0.25, 0.5, 1.0, 2.0, 3.5, 6.0, 15.0, 26.0, 40.0]
    centres = [0.0, 1e-300, 1e-100, 1e-16, 1e-8, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 26.0, 40.0, 60.0]
    pairs = [(c, d) for c in centres for d in widths]
    # On either side of c = d and of 4 c d = 1, where a programme may change its formula.
    pairs += [(d * (1 + s), d) for d in (1e-3, 0.5, 1.0, 7.0, 25.0) for s in (0.0, 2.0**-40, -(2.0**-40), 1e-3, -1e-3)]
    pairs += [(c, 0.25 / c * (1 + s)) for c in (0.5, 0.6, 1.0, 3.0, 10.0, 25.0) for s in (-1e-3, 0.0, 1e-3)]
    pairs += [(d + draw.uniform(-6.0, 26.0), d) for d in (draw.log(1e-6, 30.0) for _ in range(60))]
    for function, name in ((window, "erf_window"), (window_complement, "erf_window_complement")):
        for c, d in pairs:
            # Digits enough for centre ± half_width, however different they are.
            smallest = min(x for x in (abs(c), d, 1.0) if x > 0)
            with mp.workdps(mp.dps + 2 * math.ceil(-math.log10(smallest)) + 10):
                arguments = [mpf(abs(c)), mpf(d)]
                value = function(*arguments)
                if SMALLEST <= value:
                    condition = sensitivity(function, arguments)
                    yield [name, plain(abs(c)), plain(d), *cells(value, condition)]
    small = [1e-300, 1e-200, 1e-100, 1e-50, 1e-20, 1e-12, 1e-8, 1e-5, 1e-3, 0.01]
    middle = [0.05, 0.1, 0.2, 0.25, 0.3, math.exp(-1.0), 0.4, 0.45, 0.5, 0.55, 0.6, 0.68, 0.7, 0.75, 0.8, 0.85, 0.9]
    near_one = [0.95, 0.97, 0.99, 0.999, 0.9999]
    near_one += [1 - x for x in (1e-6, 1e-9, 1e-12, 2.0**-45, 2.0**-52, 2.0**-53)]
    # inverse_erf(1e-300) would be below 1e-300.
    levels = [2e-300] + small[1:] + middle + near_one + [double(draw.uniform(0.0, 1.0)) for _ in range(25)]
    complements = small + middle + near_one + [draw.log(1e-300, 1.0) for _ in range(25)]
    complements += [1.0, 1 + 2.0**-52, 1 + 1e-9, 1.001, 1.1, 1.3, 1.5, 1.7, 1.9]
    for function, name, arguments in (
        (inverse_erf, "inverse_erf", levels + [-q for q in levels[::3]]),
        (inverse_erf_complement, "inverse_erf_complement", complements),
    ):
        for argument in arguments:
            value = function(mpf(argument))
            condition = sensitivity(function, [mpf(argument)])
            yield [name, plain(argument), "", *cells(value, condition)]


def write_special(folder):
    """Error-function windows and inverses."""
    header = [
        "Special functions. Inputs are exact doubles; no units.",
        "erf_window(c, d) = (erf(c + d) - erf(c - d)) / 2, first = c >= 0, second = d > 0; "
        "erf_window_complement = 1 - erf_window.",
        "inverse_erf(q): x with erf(x) = q; inverse_erf_complement(p): x with erfc(x) = p; second is empty.",
        "value_condition: sum over the arguments of |d ln|value| / d ln|argument||. Values between 0 and 1e-300 are "
        "left out.",
    ]
    columns = ["function", "first", "second", "value", "value_condition"]
    write_table(folder / "special.csv", header, columns, list(special_rows()))
