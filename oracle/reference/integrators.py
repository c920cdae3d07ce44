"""Integrators of the well in multiple precision: moments of the weight and of its displacement, scheme by scheme.

Every scheme is written as its own update of random variables (predictor, corrector, shared noise); the matrix of a step
is read off from it. No formula for a retention, a noise gain or a variance enters.
"""

from dataclasses import dataclass, fields
from fractions import Fraction

from mpmath import mp, mpf

from numbers_and_tables import DIFFERENCE, LARGEST, SEED, Cycle, Draw, cells, double, plain, require_agreement, write_table

# Steps up to this are followed one by one, more by squaring.
LONGEST_RECURSION = 2000
WORST_CONDITION = mpf(10) ** 13
SCHEMES = ("euler_maruyama", "heun", "exact_step", "leimkuhler_matthews")
GIVEN, STATIONARY = "given", "stationary"
OUTPUTS = ("weight_mean", "weight_variance", "weight_covariance", "mean", "variance", "stationary_variance")


@dataclass(frozen=True)
class Setting:
    """One row of inputs, doubles. Times are exact multiples of dt."""

    scheme: str
    dt: float
    mobility: float
    temperature: float
    dataset_size: float
    stiffness: float
    start: str = GIVEN
    start_mean: float = 0.0
    start_standard_deviation: float = 0.0
    waiting_time: float = 0.0
    lag: float = 0.0


NUMBERS = [f.name for f in fields(Setting) if f.name not in ("scheme", "start")]


class Exact:
    """A setting in mp numbers, with whole numbers of steps; the times follow from dt."""

    def __init__(self, setting):
        self.scheme, self.start = setting.scheme, setting.start
        for name in NUMBERS:
            setattr(self, name, mpf(getattr(setting, name)))
        self.waiting_steps, self.lag_steps = (steps_of(time, setting.dt) for time in (setting.waiting_time, setting.lag))

    def varied(self, name, factor):
        """A copy with one input multiplied by `factor`."""
        other = Exact.__new__(Exact)
        other.__dict__.update(self.__dict__)
        setattr(other, name, getattr(self, name) * factor)
        return other


def steps_of(time, dt):
    steps = Fraction(time) / Fraction(dt)
    assert steps.denominator == 1, (time, dt)
    return int(steps)


class Variable:
    """A linear combination of the weight, the noise of this step, the noise of the next, and the weight at the origin."""

    def __init__(self, weight=0, now=0, following=0, origin=0):
        self.parts = tuple(mpf(x) for x in (weight, now, following, origin))

    def __add__(self, other):
        return Variable(*(a + b for a, b in zip(self.parts, other.parts, strict=True)))

    def __sub__(self, other):
        return Variable(*(a - b for a, b in zip(self.parts, other.parts, strict=True)))

    def __rmul__(self, factor):
        return Variable(*(factor * a for a in self.parts))


def updated_weight(exact):
    """One step, in the words of the scheme."""
    w, now, following = Variable(weight=1), Variable(now=1), Variable(following=1)
    drift = exact.mobility * exact.dt
    sigma = mp.sqrt(2 * exact.mobility * exact.temperature / exact.dataset_size * exact.dt)
    slope = lambda weight: exact.stiffness * weight  # noqa: E731
    if exact.scheme == "euler_maruyama":
        return w - drift * slope(w) + sigma * now
    if exact.scheme == "heun":
        predicted = w - drift * slope(w) + sigma * now
        return w - drift / 2 * (slope(w) + slope(predicted)) + sigma * now
    if exact.scheme == "leimkuhler_matthews":
        return w - drift * slope(w) + sigma / 2 * (now + following)
    # The moment equations d<w>/dt = -kappa <w>, d<w^2>/dt = -2 kappa <w^2> + 2 D, by the matrix exponential.
    kappa = exact.mobility * exact.stiffness
    generator = mp.diag([-kappa, -2 * kappa, mpf(0)])
    generator[1, 2] = 2 * exact.mobility * exact.temperature / exact.dataset_size
    solved = mp.expm(generator * exact.dt)
    return solved[0, 0] * w + mp.sqrt(solved[1, 2]) * now


def multiply(a, b):
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*b, strict=True)] for row in a]


def transposed(a):
    return [list(column) for column in zip(*a, strict=True)]


def add(a, b):
    return [[x + y for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]


def step_of(exact):
    """The step as a map of (weight, noise of the step to come, weight at the origin): matrix and covariance added."""
    weight, now, following, origin = updated_weight(exact).parts
    assert origin == 0
    matrix = [[weight, now, mpf(0)], [mpf(0)] * 3, [mpf(0), mpf(0), mpf(1)]]
    fresh = [following, mpf(1), mpf(0)]
    return matrix, [[x * y for y in fresh] for x in fresh]


def then(first, second):
    """Two maps in a row."""
    (a, s), (b, u) = first, second
    return multiply(b, a), add(multiply(multiply(b, s), transposed(b)), u)


def power(step, steps):
    """A map repeated, by squaring."""
    zero, one = mpf(0), mpf(1)
    result = ([[one if i == j else zero for j in range(3)] for i in range(3)], [[zero] * 3 for _ in range(3)])
    while steps:
        if steps % 2:
            result = then(result, step)
        step, steps = then(step, step), steps // 2
    return result


def applied(one_map, mean, covariance):
    matrix, noise = one_map
    moved = [sum(a * x for a, x in zip(row, mean, strict=True)) for row in matrix]
    return moved, add(multiply(multiply(matrix, covariance), transposed(matrix)), noise)


def stationary_covariance(exact):
    """Covariance of weight and noise that a step leaves as it is, from its linear equations; None if there is none."""
    (matrix, added) = step_of(exact)
    a, now = matrix[0][0], matrix[0][1]
    if exact.stiffness <= 0 or abs(a) >= 1:
        return None
    # Unknowns <w w>, <w xi>; <xi xi> = 1. The image of a step is (a w + now xi + fresh, xi').
    equations = mp.matrix([[1 - a * a, -2 * a * now], [mpf(0), mpf(1)]])
    known = mp.matrix([now * now + added[0][0], added[0][1]])
    solution = mp.lu_solve(equations, known)
    return solution[0], solution[1]


def start_of(exact):
    """Mean and covariance of (weight, noise of the step to come, origin) at time 0."""
    zero, one = mpf(0), mpf(1)
    if exact.start == STATIONARY:
        variance, shared = stationary_covariance(exact)
        return [zero] * 3, [[variance, shared, zero], [shared, one, zero], [zero] * 3]
    spread = exact.start_standard_deviation**2
    return [exact.start_mean, zero, zero], [[spread, zero, zero], [zero, one, zero], [zero] * 3]


def with_origin(mean, covariance):
    """The weight now becomes the origin."""
    copy = [[mpf(1), mpf(0), mpf(0)], [mpf(0), mpf(1), mpf(0)], [mpf(1), mpf(0), mpf(0)]]
    nothing = [[mpf(0)] * 3 for _ in range(3)]
    return applied((copy, nothing), mean, covariance)


def outputs(exact, advance):
    """All outputs; `advance(step, n, mean, covariance)` takes n steps."""
    step = step_of(exact)
    mean, covariance = with_origin(*advance(step, exact.waiting_steps, *start_of(exact)))
    mean, covariance = advance(step, exact.lag_steps, mean, covariance)
    displaced = covariance[0][0] - 2 * covariance[0][2] + covariance[2][2]
    stationary = stationary_covariance(exact)
    return (
        mean[0],
        covariance[0][0],
        covariance[0][2],
        mean[0] - mean[2],
        displaced,
        None if stationary is None else stationary[0],
    )


def by_squaring(step, steps, mean, covariance):
    return applied(power(step, steps), mean, covariance)


def one_by_one(step, steps, mean, covariance):
    for _ in range(steps):
        mean, covariance = applied(step, mean, covariance)
    return mean, covariance


def conditions(setting, exact, values):
    """Condition number of every output; steps are held fixed."""
    sums = [mpf(0)] * len(values)
    for name in NUMBERS:
        if name in ("waiting_time", "lag") or getattr(setting, name) == 0.0:
            continue
        above = outputs(exact.varied(name, 1 + DIFFERENCE), by_squaring)
        below = outputs(exact.varied(name, 1 - DIFFERENCE), by_squaring)
        for i, value in enumerate(values):
            if value is not None and value != 0:
                sums[i] += abs((above[i] - below[i]) / (2 * DIFFERENCE * value))
    return sums


# kappa dt with the mobility it is made from: powers of two where the product is to be exact.
STEP_RATES = (
    (1e-9, 1e-3),
    (1e-5, 1e-3),
    (1e-3, 1.0),
    (0.37, 0.1),
    (0.9, 0.5),
    (0.999999, 1.0),
    (1.0, 0.25),
    (1.0, 1e-3),
    (1.0000001, 0.5),
    (1.2, 1e-2),
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


def tame(setting):
    """False where a hill or an unstable step throws the weight farther than e^50."""
    exact = Exact(setting)
    a = abs(step_of(exact)[0][0][0])
    return a <= 1 or (exact.lag_steps + exact.waiting_steps) * mp.log(a) <= 50


def grid_settings():
    """Every scheme at every kappa dt of interest, from one step to a million, from four starts."""
    steps_of_lag = (1, 2, 3, 10, 333, 65_536, 1_000_000)
    waits = Cycle([0, 1, 4, 0, 333, 2, 100_000, 0, 17])
    temperatures = Cycle([1e-6, 0.5, 1e3, 0.5])
    dts = Cycle([1.0, 2.0**-10, 0.375])
    starts = Cycle(
        [
            dict(),
            dict(start_standard_deviation=0.057),
            dict(start_mean=-1.5),
            dict(start_mean=0.3, start_standard_deviation=2.0),
            dict(start=STATIONARY),
        ]
    )
    for step_rate, mobility in STEP_RATES:
        for scheme in SCHEMES:
            for steps in steps_of_lag:
                dt, start = dts(), starts()
                stiffness = float(mpf(step_rate) / (mpf(mobility) * mpf(dt)))
                bath = dict(mobility=mobility, temperature=temperatures(), dataset_size=60.0, stiffness=stiffness)
                setting = Setting(scheme, dt, **bath, waiting_time=waits() * dt, lag=steps * dt, **start)
                if setting.start == STATIONARY and stationary_covariance(Exact(setting)) is None:
                    setting = Setting(scheme, dt, **bath, waiting_time=setting.waiting_time, lag=setting.lag)
                if tame(setting):
                    yield setting


def special_settings():
    """Temperature 0, lag 0, and exact steps far beyond the stability of the others."""
    for scheme in SCHEMES:
        cold = dict(dt=0.5, mobility=0.25, temperature=0.0, dataset_size=6e4)
        for stiffness in (1.0, 12.0, 0.0, -1.0):
            yield Setting(scheme, **cold, stiffness=stiffness, start_mean=1.5, waiting_time=1.5, lag=2.0)
            yield Setting(scheme, **cold, stiffness=stiffness, start_standard_deviation=0.1, lag=2.5)
        warm = dict(dt=0.5, mobility=0.25, temperature=3.0, dataset_size=7.0, stiffness=2.0)
        yield Setting(scheme, **warm, start_mean=1.5, start_standard_deviation=0.1, waiting_time=1.5, lag=0.0)
        yield Setting(scheme, **warm, start=STATIONARY, lag=0.0)
    for lag in (3.0, 30.0, 300.0):
        far = dict(dt=3.0, mobility=1.0, temperature=2.0, dataset_size=7.0, stiffness=1.7)
        yield Setting("exact_step", **far, start=STATIONARY, lag=lag)
        yield Setting("exact_step", **far, start_mean=40.0, start_standard_deviation=1.0, waiting_time=3.0, lag=lag)


def random_settings(count):
    """Log-uniform over everything at once."""
    draw = Draw(SEED + 1)
    found = 0
    while found < count:
        scheme = draw.choice(SCHEMES)
        bath = dict(mobility=draw.log(1e-4, 1.0), temperature=draw.log(1e-12, 1e3), dataset_size=draw.log(1.0, 6e4))
        step_rate = draw.choice((draw.log(1e-10, 1.9), draw.uniform(0.2, 1.99)))
        dt = draw.choice((1.0, 0.25, 2.0**-7, 1.375))
        bath["stiffness"] = double(draw.choice((1.0, 1.0, -1.0)) * step_rate / (bath["mobility"] * dt))
        times = dict(lag=round(draw.log(1.0, 1e6)) * dt, waiting_time=draw.choice((0, round(draw.log(1.0, 1e4)))) * dt)
        start = draw.choice((GIVEN, GIVEN, STATIONARY))
        if start == GIVEN:
            times.update(start_mean=draw.uniform(-3.0, 3.0), start_standard_deviation=draw.log(1e-6, 10.0))
        setting = Setting(scheme, dt, **bath, start=start, **times)
        if tame(setting) and (start == GIVEN or stationary_covariance(Exact(setting)) is not None):
            found += 1
            yield setting


def integrator_row(setting):
    """One line of integrators.csv."""
    exact = Exact(setting)
    values = outputs(exact, by_squaring)
    if exact.waiting_steps + exact.lag_steps <= LONGEST_RECURSION:
        values, squared = outputs(exact, one_by_one), values
        for first, second in zip(values, squared, strict=True):
            if first is not None:
                require_agreement(first, second, setting)
    # A stationary state of nothing: cold wells have variance 0.
    numbers = conditions(setting, exact, values)
    assert all(value is None or abs(value) < LARGEST for value in values)
    inputs = [plain(v) if isinstance(v, float) else v for v in (getattr(setting, f.name) for f in fields(setting))]
    pairs = [cells(value, condition, WORST_CONDITION) for value, condition in zip(values, numbers, strict=True)]
    return [*inputs, *(value for value, _ in pairs), *(condition for _, condition in pairs)]


def write_integrators(folder):
    """Moments of the weight and of its displacement under every scheme."""
    settings = list(dict.fromkeys([*grid_settings(), *special_settings(), *random_settings(80)]))
    columns = [f.name for f in fields(Setting)] + list(OUTPUTS) + [f"{name}_condition" for name in OUTPUTS]
    header = [
        "Integrators in a well: moments after whole steps. Inputs are exact doubles; times are exact multiples of dt.",
        "weight_mean, weight_variance: of w(waiting_time + lag); weight_covariance: of w(waiting_time) with it.",
        "mean, variance: of dw = w(waiting_time + lag) - w(waiting_time); stationary_variance: of w.",
        "start: given (a Gaussian; the noise of the first step is independent of it) or stationary.",
        "*_condition: sum over the continuous inputs of |d ln(value) / d ln(input)|.",
        "Empty: no stationary state, between 0 and 1e-300, or a condition number above 1e13.",
    ]
    write_table(folder / "integrators.csv", header, columns, [integrator_row(setting) for setting in settings])
