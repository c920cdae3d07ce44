"""Relaxation times: roots of the overlap, closed forms, and the lines of relaxation.csv."""

import math
from dataclasses import fields

from mpmath import mp, mpf

from displacement import (
    CONTINUOUS,
    FREE,
    STATIONARY,
    WELL,
    Setting,
    closed_moments,
    stationary_variance,
    window,
    window_complement,
)
from numbers_and_tables import DIFFERENCE, SEED, Draw, cells, plain, require_agreement, write_table

LEVELS = (0.9, math.exp(-1.0), 0.5, 0.99, 0.01)


def decay(exact, log_lag):
    """Overlap and its complement at the lag exp(log_lag)."""
    shifted = exact.varied("lag", 0)
    shifted.lag = mp.exp(log_lag)
    mean, variance = closed_moments(shifted)
    scale = mp.sqrt(2 * variance)
    return window(mean / scale, exact.half_width / scale), window_complement(mean / scale, exact.half_width / scale)


def excess(exact, level, log_lag):
    """Overlap minus level, as the difference of complements where those are smaller."""
    overlap, mobile = decay(exact, log_lag)
    return overlap - level if level < 0.5 else (1 - level) - mobile


def root_of_overlap(exact, level):
    """ln of the lag at which the overlap is `level`, or None, by bracketing and root finding.

    For a start without mean the overlap falls steadily; with a mean it does so as long as it is above ½, so that
    for those levels, too, the first crossing is the only one.
    """
    low, high = mpf(-80), mpf(-79)
    assert excess(exact, level, low) > 0, vars(exact)
    farthest = mpf(200)
    if exact.rate > 0:
        farthest = mp.log(mpf(1000) / exact.rate)
    elif exact.rate < 0:
        farthest = mp.log(mpf(2000) / -exact.rate)
    if excess(exact, level, farthest) >= 0:
        return None
    while excess(exact, level, high) > 0:
        low, high = high, high + 1
    high = min(high, farthest)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(exact, level, middle) > 0 else (low, middle)
    # The tolerance is on the square of the excess.
    return mp.findroot(lambda u: excess(exact, level, u), (low, high), solver="anderson", tol=1e-170, maxsteps=60)


def closed_relaxation_time(exact, level):
    """Closed forms for a start without mean, and for a fixed start at temperature 0; None where it never relaxes."""
    x = mp.erfinv(level)
    needed = exact.half_width**2 / (2 * x * x)
    kappa, diffusion = exact.rate, exact.diffusion
    if exact.law == FREE:
        return needed / (2 * diffusion) if diffusion > 0 else None
    if exact.law == STATIONARY:
        share = needed / (2 * stationary_variance(exact)) if diffusion > 0 else mp.inf
        return -mp.log1p(-share) / kappa if share < 1 else None
    retained = mp.exp(-kappa * exact.waiting_time)
    if exact.start_mean != 0:
        assert diffusion == 0 and exact.start_standard_deviation == 0
        effective = exact.half_width / (abs(kappa * exact.start_mean) * retained)
    else:
        # variance = 2 D y + b y², y = (1 − e^(−kappa t)) / kappa
        b = kappa * retained**2 * (kappa * exact.start_standard_deviation**2 - diffusion)
        discriminant = diffusion**2 + b * needed
        if discriminant < 0 or diffusion + mp.sqrt(discriminant) == 0:
            return None
        effective = needed / (diffusion + mp.sqrt(discriminant))
    if kappa == 0:
        return effective
    return -mp.log1p(-kappa * effective) / kappa if kappa * effective < 1 else None


def relaxation_condition(setting, exact, level, lag):
    """Condition number of the relaxation time by implicit differentiation of the overlap (T = 0 fixed: closed form)."""
    names = [name for name in setting.continuous_inputs() if name not in ("lag", "position")]
    if exact.temperature == 0 and exact.start_standard_deviation == 0:
        times = [[closed_relaxation_time(exact.varied(n, 1 + s * DIFFERENCE), level) for s in (1, -1)] for n in names]
        return sum(abs(above - below) / (2 * DIFFERENCE * lag) for above, below in times)
    u = mp.log(lag)
    slope = (excess(exact, level, u + DIFFERENCE) - excess(exact, level, u - DIFFERENCE)) / (2 * DIFFERENCE)
    total = abs(level / slope)
    for name in names:
        above = excess(exact.varied(name, 1 + DIFFERENCE), level, u)
        below = excess(exact.varied(name, 1 - DIFFERENCE), level, u)
        total += abs((above - below) / (2 * DIFFERENCE * slope))
    return total


def relaxation_settings():
    """Pairs of a setting and a level; every level of `LEVELS`, or only those of ½ and above for a fixed start."""
    paper = dict(mobility=1e-3, dataset_size=6e4, stiffness=0.01, half_width=1.9e-4)
    high_levels = [level for level in LEVELS if level >= 0.5]
    flat = [
        (Setting(FREE, CONTINUOUS, mobility=mu, temperature=t, dataset_size=p, half_width=eps), LEVELS)
        for mu, t, p, eps in (
            (1.0, 1.0, 1.0, 1.0),
            (1e-3, 1e-4, 6e4, 1.9e-4),
            (1e-3, 1e-10, 6e4, 1.9e-4),
            (1e-4, 1e3, 1.0, 1e-6),
            (1.0, 1e-12, 321.0, 30.0),
            (1e-3, 0.0, 6e4, 1.9e-4),
        )
    ]
    stationary = [
        (Setting(STATIONARY, CONTINUOUS, **paper, temperature=t), LEVELS) for t in (1e-8, 3e-6, 4.1e-6, 1e-5, 1e-3, 1.0)
    ] + [
        (Setting(STATIONARY, CONTINUOUS, 0.0, 0.5, 0.3, 7.0, k, half_width=0.01), LEVELS)
        for k in (1e-12, 1e-6, 1e-3, 1.0, 100.0)
    ]
    centred = []
    for temperature in (1e-10, 1e-6, 1e-5, 1e-4, 1.0):
        for sigma in (0.0, 3e-4, 0.057):
            for waiting_time in (0.0, 2e4, 1.5e5):
                if (temperature, sigma) == (1e-10, 0.0):
                    continue
                start = dict(start_standard_deviation=sigma, waiting_time=waiting_time)
                centred.append((Setting(WELL, CONTINUOUS, **paper, temperature=temperature, **start), LEVELS[:3]))
    for waiting_time in (0.0, 2e4, 5e4, 1.5e5):
        start = dict(start_standard_deviation=0.057, waiting_time=waiting_time)
        centred.append((Setting(WELL, CONTINUOUS, **paper, temperature=0.0, **start), LEVELS))
    for k in (0.0, 1e-12, -1e-12, 1e-6, -1e-6, 1e-3, -1e-3, -0.01, -1.0, -20.0, 1.0, 100.0):
        for temperature, sigma, waiting_time in ((0.3, 0.0, 0.0), (0.3, 0.02, 1.5), (0.0, 0.02, 0.5)):
            common = dict(mobility=0.5, dataset_size=7.0, stiffness=k, half_width=0.01, temperature=temperature)
            start = dict(start_standard_deviation=sigma, waiting_time=waiting_time)
            centred.append((Setting(WELL, CONTINUOUS, **common, **start), LEVELS[:3]))
    # About the temperature at which the time diverges for a start from the bottom: eps² k P / (2 x²).
    for level in LEVELS:
        x = mp.erfinv(mpf(level))
        divergence = mpf(1.9e-4) ** 2 * mpf(0.01) * 60_000 / (2 * x * x)
        for offset in (-1e-3, -1e-9, 1e-9, 1e-6, 1e-3, 0.1):
            temperature = float(divergence * (1 + mpf(offset)))
            centred.append((Setting(WELL, CONTINUOUS, **paper, temperature=temperature), (level,)))
    fixed = [
        (Setting(WELL, CONTINUOUS, 0.0, 1.0, t, 1.0, k, 1.0, sd, tw, half_width=0.1), high_levels)
        for k in (0.01, 1.0, 100.0, -1.0)
        for t, sd, tw in ((0.5, 0.0, 0.0), (0.5, 0.2, 0.003), (1e-4, 0.0, 0.0), (1e-6, 1e-3, 0.002), (0.0, 0.0, 0.001))
    ]
    for w0 in (1e-4, -3e-4, 2e-3, 0.057):
        for temperature in (1e-7, 1e-4, 1e-2):
            start = dict(start_mean=w0, waiting_time=0.0 if w0 > 0 else 2e4)
            fixed.append((Setting(WELL, CONTINUOUS, **paper, temperature=temperature, **start), high_levels))
    draw = Draw(SEED + 1)
    drawn = []
    for _ in range(60):
        common = dict(mobility=draw.log(1e-4, 1.0), dataset_size=draw.log(1.0, 6e4), half_width=draw.log(1e-6, 10.0))
        start = dict(temperature=draw.log(1e-8, 10.0), waiting_time=draw.choice((0.0, draw.log(1e-3, 10.0))))
        start["start_standard_deviation"] = draw.choice((0.0, draw.log(1e-5, 1.0)))
        stiffness = draw.choice((1.0, -1.0)) * draw.log(1e-8, 1.0)
        drawn.append((Setting(WELL, CONTINUOUS, **common, **start, stiffness=stiffness), (draw.choice(LEVELS),)))
    for setting, levels in flat + stationary + centred + fixed + drawn:
        for level in levels:
            yield setting, level


def relaxation_row(setting, level):
    """One line of relaxation.csv."""
    exact, q = setting.exact(), mpf(level)
    certain = exact.temperature == 0 and exact.start_standard_deviation == 0
    has_closed_form = certain or exact.start_mean == 0
    closed = closed_relaxation_time(exact, q) if has_closed_form else None
    if certain or (exact.temperature == 0 and exact.rate == 0):
        time, route = closed, "closed_form"
    else:
        log_lag = root_of_overlap(exact, q)
        time = None if log_lag is None else mp.exp(log_lag)
        route = "root"
        if has_closed_form:
            assert (time is None) == (closed is None), (setting, level, time, closed)
            if time is not None:
                require_agreement(time, closed, (setting, level))
            route = "root_and_closed_form"
    condition = mpf(0) if time is None else relaxation_condition(setting, exact, q, time)
    skipped = ("dt", "lag", "position")
    inputs = [getattr(setting, f.name) for f in fields(setting) if f.name not in skipped] + [level]
    texts = [plain(v) if isinstance(v, float) else v for v in inputs]
    return [*texts, *cells(time, condition), route]


def write_relaxation(folder):
    """First lags at which the overlap falls to a level."""
    rows = [relaxation_row(setting, level) for setting, level in relaxation_settings()]
    skipped = ("dt", "lag", "position")
    columns = [f.name for f in fields(Setting) if f.name not in skipped]
    columns += ["level", "relaxation_time", "relaxation_time_condition", "route"]
    header = [
        "Relaxation times: the first lag at which overlap = P(|dw| <= half_width) falls to level. Inputs are exact "
        "doubles.",
        "waiting_time, relaxation_time: units of time; start_mean, start_standard_deviation, half_width: units of "
        "weight.",
        "relaxation_time is empty where the overlap never falls so far. Levels below 1/2 only for starts without mean.",
        "relaxation_time_condition: sum over the inputs, level included, of |d ln(time) / d ln(input)|.",
        "route: root (root of the overlap), closed_form, or root_and_closed_form (both, compared).",
    ]
    write_table(folder / "relaxation.csv", header, columns, rows)
