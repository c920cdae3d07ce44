"""Which settings laws.csv covers, and its lines."""

import math
from dataclasses import fields, replace

from mpmath import mp, mpf

from displacement import (
    CONTINUOUS,
    FREE,
    OBSERVABLES,
    STATIONARY,
    STEPS,
    WELL,
    Setting,
    closed_moments,
    conditions,
    moments,
    observables,
    stationary_variance,
)
from numbers_and_tables import LARGEST, SEED, SMALLEST, Cycle, Draw, cells, double, plain, write_table

# mu k dt and the like are rounded products of doubles: beyond this condition number a value has no digits left.
WORST_CONDITION = mpf(10) ** 13
# Windows in standard deviations; means beyond the window in standard deviations; positions about the mean.
WINDOWS = Cycle([1e-6, 1e-3, 0.03, 0.3, 0.9, 1.0, 1.6448, 2.5, 4.0, 7.0, 12.0, 20.0, 30.0])
NARROW_WINDOWS = Cycle([1e-6, 1e-3, 0.1, 0.5, 1.0, 2.0, 5.0])
BEYOND = Cycle([-2.0, -0.5, 0.0, 0.3, 1.0, 3.0, 6.0, 10.0, 15.0, 20.0, 25.0, 30.0, 36.0])
POSITIONS = Cycle([-35.0, -25.0, -12.0, -6.0, -3.0, -1.0, -0.4, -1e-3, 0.0, 1e-5, 0.2, 0.8, 2.0, 4.0, 8.0, 16.0, 35.0])
SIGNS = Cycle([1.0, -1.0])


def with_window(setting, half_width=None, mean_beyond_window=False):
    """The setting with a half width and a position that suit its displacement; None where doubles cannot hold it.

    With `mean_beyond_window` the start is put so that the mean displacement lies so many standard deviations
    beyond the edge of the window.
    """
    mean, variance = closed_moments(setting.exact())
    if not SMALLEST < variance < LARGEST:
        return None
    deviation = mp.sqrt(variance)
    if mean_beyond_window:
        half_width = double(NARROW_WINDOWS() * deviation)
        wanted = SIGNS() * (half_width + BEYOND() * deviation)
        unit, _ = closed_moments(replace(setting, start_mean=1.0).exact())
        if abs(unit) < mpf(10) ** -30 * (1 + abs(wanted)):
            return None
        setting = replace(setting, start_mean=double(wanted / unit, 8))
        mean, _ = closed_moments(setting.exact())
    if half_width is None:
        half_width = double(WINDOWS() * max(deviation, abs(mean)))
    position = mean + POSITIONS() * deviation
    position = double(position, 8) if abs(mean) < deviation else float(position)
    return replace(setting, half_width=half_width, position=position)


STARTS = ("bottom", "gaussian", "fixed", "gaussian_about_mean")


def with_start(setting, kind):
    """A quadratic well entered in one of four ways, with a window to match."""
    if kind == "bottom":
        return with_window(setting)
    if kind == "gaussian":
        return with_window(replace(setting, start_standard_deviation=0.057))
    if kind == "fixed":
        return with_window(setting, mean_beyond_window=True)
    deviation = double(mp.sqrt(closed_moments(setting.exact())[1]))
    return with_window(replace(setting, start_standard_deviation=deviation), mean_beyond_window=True)


def tame(setting):
    """False where a hill or an unstable step throws the weight farther than e^50."""
    exact = setting.exact()
    if setting.clock == CONTINUOUS:
        return -exact.rate * (exact.lag + exact.waiting_time) <= 51
    a = abs(1 - exact.rate * exact.dt)
    return a <= 1 or (exact.lag_steps + exact.waiting_steps) * mp.log(a) <= 51


def free_settings():
    """Free diffusion over the whole range of the bath, on both clocks."""
    for temperature in (1e-12, 1e-6, 0.1, 1e3):
        for mobility in (1e-4, 1e-3, 1.0):
            for dataset_size in (1.0, 6e4):
                for lag in (1e-12, 1e-3, 1.0, 777.0, 1e6):
                    bath = dict(mobility=mobility, temperature=temperature, dataset_size=dataset_size)
                    yield with_window(Setting(FREE, CONTINUOUS, **bath, lag=lag))
                    if lag >= 1.0:
                        yield with_window(Setting(FREE, STEPS, 2.0**-6, **bath, lag=lag))


def paper_settings():
    """The regularised phase of the paper: mu = 1e-3, k = 0.01, P = 6e4, eps = 1.9e-4."""
    paper = dict(mobility=1e-3, dataset_size=6e4)
    starts = Cycle([dict(), dict(start_standard_deviation=0.057), dict(start_mean=0.057), dict(start_mean=-3e-4)])
    clocks = Cycle([dict(clock=CONTINUOUS), dict(clock=STEPS, dt=1.0), dict(clock=STEPS, dt=1.0)])
    for temperature in (1e-10, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0):
        for lag in (1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 3e5):
            common = dict(**paper, temperature=temperature, lag=lag)
            for waiting_time in (0.0, 2e4, 1.5e5):
                setting = Setting(WELL, **clocks(), **common, stiffness=0.01, waiting_time=waiting_time, **starts())
                yield with_window(setting, half_width=1.9e-4)
            yield with_window(Setting(STATIONARY, **clocks(), **common, stiffness=0.01), half_width=1.9e-4)
            yield with_window(Setting(FREE, **clocks(), **common), half_width=1.9e-4)


def continuous_well_settings():
    """Wells, hills and their flat limit in continuous time: kappa t from 1e-12 to 1e3, hills up to 50."""
    baths = Cycle(
        [
            dict(mobility=1e-3, temperature=1e-4, dataset_size=6e4),
            dict(mobility=1.0, temperature=0.5, dataset_size=1.0),
            dict(mobility=1e-4, temperature=1e3, dataset_size=37.0),
        ]
    )
    waits = Cycle([0.0, 0.0, 0.3, 2.0, 1e-9])
    starts = Cycle(STARTS)
    for stiffness in (0.0, *(s * k for k in (1e-12, 1e-6, 1e-3, 0.01, 1.0, 100.0) for s in (1.0, -1.0))):
        for _ in range(3):
            bath = baths()
            rate = abs(bath["mobility"] * stiffness)
            relative = (1e-12, 1e-8, 1e-5, 1e-3, 0.1, 0.7, 2.0, 10.0, 48.0, 1e3)
            lags = [double(x / rate) for x in relative if x / rate <= 1e6] if rate > 0 else []
            for lag in [*lags, 1e-6, 1.0, 1e6]:
                waiting_time = double(waits() * (lag if rate == 0 else min(lag, 1 / rate)))
                for _ in range(2):
                    setting = Setting(WELL, CONTINUOUS, **bath, stiffness=stiffness, waiting_time=waiting_time, lag=lag)
                    if tame(setting):
                        yield with_start(setting, starts())
                if stiffness > 0:
                    yield with_window(Setting(STATIONARY, CONTINUOUS, **bath, stiffness=stiffness, lag=lag))


# kappa dt with the mobility it is made from: powers of two where the product is to be exact.
STEP_RATES = (
    (1e-9, 1e-3),
    (1e-5, 1e-3),
    (1e-3, 1.0),
    (0.37, 0.1),
    (0.999999, 1.0),
    (1.0, 0.25),
    (1.0, 1e-3),
    (1.5, 0.01),
    (1.999, 1.0),
    (1.9999999, 0.5),
    (2.0, 0.125),
    (2.5, 1.0),
    (0.0, 1.0),
    (-1e-9, 1e-3),
    (-1e-3, 1e-2),
    (-0.37, 1.0),
)


def step_settings():
    """Euler–Maruyama at every kappa dt of interest, from one step to a million."""
    starts = Cycle(STARTS)
    waits = Cycle([0, 1, 4, 333, 0, 2, 100_000])
    temperatures = Cycle([1e-6, 0.5, 1e3])
    for step_rate, mobility in STEP_RATES:
        for dt in (1.0, 2.0**-10, 0.375):
            stiffness = float(mpf(step_rate) / (mpf(mobility) * mpf(dt)))
            for steps in (1, 2, 3, 10, 37, 1000, 65_536, 1_000_000):
                common = dict(mobility=mobility, temperature=temperatures(), dataset_size=60.0, stiffness=stiffness)
                setting = Setting(WELL, STEPS, dt, **common, waiting_time=waits() * dt, lag=steps * dt)
                if tame(setting):
                    yield with_start(setting, starts())
                if 0 < step_rate < 2 and dt != 2.0**-10:
                    yield with_window(Setting(STATIONARY, STEPS, dt, **common, lag=steps * dt))


def cold_settings():
    """Temperature 0: a Gaussian start spreads, a fixed one moves for certain, and nothing moves without a force."""
    for clock in (dict(clock=CONTINUOUS), dict(clock=STEPS, dt=0.5)):
        cold = dict(**clock, mobility=0.25, temperature=0.0, dataset_size=6e4)
        yield Setting(FREE, **cold, lag=3.0, half_width=0.1, position=0.5)
        yield Setting(FREE, **cold, lag=3.0, half_width=0.1, position=-0.5)
        yield Setting(STATIONARY, **cold, stiffness=1.0, lag=3.0, half_width=0.1, position=-2.0)
        for stiffness in (0.01, 1.0, 5.0, -1.0, 0.0):
            for waiting_time in (0.0, 2.5):
                common = dict(**cold, stiffness=stiffness, waiting_time=waiting_time, lag=4.0)
                if stiffness != 0.0:
                    yield with_window(Setting(WELL, **common, start_standard_deviation=0.057))
                    spread = Setting(WELL, **common, start_standard_deviation=0.057)
                    yield with_window(spread, mean_beyond_window=True)
                for half_width, position in ((1e-9, 0.7), (1e6, -0.7), (0.125, 1e6), (0.5, -1e6)):
                    certain = Setting(WELL, **common, start_mean=1.5, half_width=half_width, position=position)
                    mean, _ = closed_moments(certain.exact())
                    if min(abs(abs(mean) - half_width), abs(mean - position)) > 1e-3 * abs(mean):
                        yield certain
    for law in (FREE, WELL, STATIONARY):
        for clock in (dict(clock=CONTINUOUS), dict(clock=STEPS, dt=0.5)):
            yield Setting(law, **clock, stiffness=0.0 if law == FREE else 0.7, half_width=0.1, position=0.5)


def random_settings(count):
    """Log-uniform over everything at once."""
    draw = Draw(SEED)
    found = 0
    while found < count:
        law = draw.choice((FREE, WELL, WELL, WELL, STATIONARY))
        bath = dict(mobility=draw.log(1e-4, 1.0), temperature=draw.log(1e-12, 1e3), dataset_size=draw.log(1.0, 6e4))
        sign = 1.0 if law == STATIONARY else draw.choice((1.0, 1.0, -1.0))
        if draw.generator.random() < 0.5:
            stiffness = sign * draw.log(1e-12, 1e3)
            rate = bath["mobility"] * abs(stiffness)
            lag = draw.log(1e-12 / rate if rate > 1e-6 else 1e-6, 1e6)
            waiting = draw.choice((0.0, draw.log(1e-3, 1.0) * min(1e6, 3 / rate)))
            time = dict(clock=CONTINUOUS, lag=lag, waiting_time=double(waiting))
        else:
            step_rate = draw.choice((draw.log(1e-10, 1.9), draw.uniform(0.2, 1.99)))
            # Twenty bits, so that every whole number of steps up to a million is a double.
            mantissa, exponent = math.frexp(draw.log(1e-4, 10.0))
            dt = math.ldexp(round(mantissa * 2**20), exponent - 20)
            stiffness = double(sign * step_rate / (bath["mobility"] * dt))
            steps, waiting = round(draw.log(1.0, 1e6)), draw.choice((0, round(draw.log(1.0, 1e4))))
            time = dict(clock=STEPS, dt=dt, lag=steps * dt, waiting_time=waiting * dt)
        if law != WELL:
            time["waiting_time"] = 0.0
        setting = Setting(law, **bath, **time, stiffness=0.0 if law == FREE else stiffness)
        if not tame(setting) or (law == STATIONARY and not 0 < stationary_variance(setting.exact()) < LARGEST):
            continue
        kind = draw.choice(STARTS)
        if law == WELL and kind in ("gaussian", "gaussian_about_mean"):
            setting = replace(setting, start_standard_deviation=draw.log(1e-6, 10.0))
            setting = with_window(setting, mean_beyond_window=kind == "gaussian_about_mean")
        else:
            setting = with_start(setting, kind if law == WELL else "bottom")
        if setting is not None:
            found += 1
            yield setting


def law_row(setting, check):
    """One line of laws.csv."""
    exact = setting.exact()
    values = observables(*moments(exact, check), exact.half_width, exact.position)
    numbers = conditions(setting, exact, values)
    inputs = [plain(v) if isinstance(v, float) else v for v in (getattr(setting, f.name) for f in fields(setting))]
    pairs = [cells(value, condition, WORST_CONDITION) for value, condition in zip(values, numbers, strict=True)]
    return [*inputs, *(value for value, _ in pairs), *(condition for _, condition in pairs)]


def write_laws(folder):
    """Mean, variance and every observable of the displacement laws."""
    settings = []
    for family in (free_settings, paper_settings, continuous_well_settings, step_settings, cold_settings):
        settings.extend(s for s in family() if s is not None)
    settings.extend(random_settings(900))
    settings = list(dict.fromkeys(settings))
    rows = [law_row(setting, check=index % 7 == 0) for index, setting in enumerate(settings)]
    columns = [f.name for f in fields(Setting)] + list(OBSERVABLES) + [f"{name}_condition" for name in OBSERVABLES]
    header = [
        "Displacement laws: moments and observables of dw = w(t_w + t) - w(t_w). Inputs are exact doubles.",
        "dt, waiting_time, lag: units of time (dt is 0 on the continuous clock; else lag and waiting_time are exact "
        "multiples of dt).",
        "start_mean, start_standard_deviation, half_width, position, mean: units of weight; variance and "
        "mean_squared_displacement: weight squared.",
        "overlap = P(|dw| <= half_width), mobile_fraction = 1 - overlap, cumulative = P(dw <= position), "
        "survival = P(dw > position).",
        "density_of_magnitude: density of |dw| at half_width; density_of_log10_magnitude: density of log10|dw| at "
        "log10(half_width).",
        "*_condition: sum over the continuous inputs of |d ln(value) / d ln(input)|.",
        "Empty: undefined, degenerate, between 0 and 1e-300, or with a condition number above 1e13.",
    ]
    write_table(folder / "laws.csv", header, columns, rows)
