"""joint.csv: displacements at two lags from one origin, and the covariance of what one weight contributes to a curve.

Moments come from the autocovariance of the weight in plain form (step clock: from the recursion of the joint
moments); the probability of two windows from the conditional probability of one displacement integrated over the
other, at a precision that outlasts the subtraction. In some rows it is compared with a two-dimensional integral of the
density.
"""

from dataclasses import dataclass, replace

from mpmath import mp, mpf

from displacement import CONTINUOUS, FREE, STATIONARY, STEPS, WELL, Setting, retention_and_variance, stationary_variance
from numbers_and_tables import DIFFERENCE, SEED, Draw, cells, double, plain, require_agreement, write_table

WORST_CONDITION = mpf(10) ** 13
EXPECTED = ("covariance", "unexplained_share", "squares_covariance", "window_covariance")
INPUTS = (
    "dt mobility temperature dataset_size stiffness start_mean start_standard_deviation waiting_time half_width".split()
)
# Digits of a probability of two windows: the covariance may be this much smaller and still have 25.
QUADRATURE_DIGITS = 70
# A covariance that is a smaller share of the probabilities is left out: too few digits survive.
UNRESOLVED = mpf(10) ** -40


@dataclass(frozen=True)
class Joint:
    """Means, covariance matrix and half width, in mp numbers."""

    means: tuple
    variances: tuple
    covariance: mpf
    half_width: mpf


def weight_at_origin(exact):
    """Mean and variance of the weight when the waiting time has passed."""
    if exact.law == STATIONARY:
        return mpf(0), stationary_variance(exact)
    retained, gathered = retention_and_variance(exact, exact.waiting_time, exact.waiting_steps)
    return exact.start_mean * retained, exact.start_standard_deviation**2 * retained**2 + gathered


def plain_joint(exact, lags):
    """From Cov(w(s), w(t)) = r(t − s) Var w(s); `lags` as (time, steps), the earlier one first."""
    mean, variance = (mpf(0), mpf(0)) if exact.law == FREE else weight_at_origin(exact)
    (r1, v1), (r2, v2) = (retention_and_variance(exact, *lag) for lag in lags)
    between, _ = retention_and_variance(exact, lags[1][0] - lags[0][0], lags[1][1] - lags[0][1])
    weight = [r**2 * variance + v for r, v in ((r1, v1), (r2, v2))]
    own = [weight[i] + variance - 2 * r * variance for i, r in enumerate((r1, r2))]
    shared = between * weight[0] - r1 * variance - r2 * variance + variance
    return Joint((mean * (r1 - 1), mean * (r2 - 1)), tuple(own), shared, exact.half_width)


def recursive_joint(exact, lags):
    """Step clock, second route: moments of (w at the origin, w at the first lag, w), one step after another."""
    a = 1 - (mpf(0) if exact.law == FREE else exact.rate * exact.dt)
    kick = 2 * exact.diffusion * exact.dt
    if exact.law == STATIONARY:
        mean, variance = mpf(0), stationary_variance(exact)
    else:
        mean, variance = exact.start_mean, exact.start_standard_deviation**2
        for _ in range(exact.waiting_steps):
            mean, variance = a * mean, a * a * variance + kick
    origin, shared_origin = (mean, variance), variance
    for step in range(lags[1][1]):
        if step == lags[0][1]:
            first, first_origin, shared_first = (mean, variance), shared_origin, variance
        mean, variance, shared_origin = a * mean, a * a * variance + kick, a * shared_origin
        if step >= lags[0][1]:
            shared_first *= a
    own = (first[1] + origin[1] - 2 * first_origin, variance + origin[1] - 2 * shared_origin)
    shared = shared_first - first_origin - shared_origin + origin[1]
    return Joint((first[0] - origin[0], mean - origin[0]), own, shared, exact.half_width)


class Bivariate:
    """The two windows in standard units."""

    def __init__(self, joint):
        deviations = [mp.sqrt(variance) for variance in joint.variances]
        self.edges = [
            ((-joint.half_width - mean) / deviation, (joint.half_width - mean) / deviation)
            for mean, deviation in zip(joint.means, deviations, strict=True)
        ]
        product = joint.variances[0] * joint.variances[1]
        self.rho = joint.covariance / (deviations[0] * deviations[1])
        self.share = (product - joint.covariance**2) / product

    def inside(self, low, high):
        """Probability of a standard Gaussian, from the side that does not cancel."""
        root = mp.sqrt(2)
        if low > 0:
            return (mp.erfc(low / root) - mp.erfc(high / root)) / 2
        if high < 0:
            return self.inside(-high, -low)
        return (mp.erf(high / root) - mp.erf(low / root)) / 2

    def conditional(self, which, x):
        """Probability that the other variable is inside, given that variable `which` is x."""
        low, high = self.edges[1 - which]
        residual = mp.sqrt(self.share)
        return self.inside((low - self.rho * x) / residual, (high - self.rho * x) / residual)

    def single(self, which):
        return self.inside(*self.edges[which])

    def both(self):
        """Probability of both windows."""
        low, high = self.edges[0]
        if self.share < mpf(10) ** -60:
            ends = self.edges[1] if self.rho > 0 else tuple(-edge for edge in reversed(self.edges[1]))
            low, high = max(low, ends[0]), min(high, ends[1])
            return self.inside(low, high) if low < high else mpf(0)
        low, high = max(low, mpf(-45)), min(high, mpf(45))
        if low >= high:
            return mpf(0)
        breaks = {low, high} | {mpf(x) for x in (-10, -4, -1, 1, 4, 10) if low < x < high}
        width = mp.sqrt(self.share) / abs(self.rho)
        for edge in self.edges[1]:
            for multiple in (-20, -8, -3, 0, 3, 8, 20):
                position = edge / self.rho + multiple * width
                if low < position < high:
                    breaks.add(position)
        integral, error = mp.quad(
            lambda x: mp.npdf(x) * self.conditional(0, x), sorted(breaks), error=True, method="gauss-legendre"
        )
        if error > mpf(10) ** -45 * abs(integral):
            raise SystemExit(f"quadrature did not converge: {integral}, {error}")
        return integral

    def both_in_two_dimensions(self):
        """The same from the density itself: third route, for moderate correlations."""
        density = lambda x, y: mp.exp(-(x * x - 2 * self.rho * x * y + y * y) / (2 * self.share))
        return mp.quad(density, list(self.edges[0]), list(self.edges[1])) / (2 * mp.pi * mp.sqrt(self.share))

    def covariance(self):
        return self.both() - self.single(0) * self.single(1)

    def gradient(self):
        """Derivatives of the covariance: by the four edges (two of each variable), then by the correlation."""
        slopes = []
        for which in (0, 1):
            for sign, edge in zip((-1, 1), self.edges[which], strict=True):
                slopes.append(sign * mp.npdf(edge) * (self.conditional(which, edge) - self.single(1 - which)))
        density = lambda x, y: mp.exp(-(x * x - 2 * self.rho * x * y + y * y) / (2 * self.share))
        (a, b), (c, d) = self.edges
        corners = density(b, d) - density(b, c) - density(a, d) + density(a, c)
        slopes.append(corners / (2 * mp.pi * mp.sqrt(self.share)))
        return slopes

    def parameters(self):
        return [*self.edges[0], *self.edges[1], self.rho]


def lags_of(exact, factors):
    """(time, steps) of the two lags: whole numbers of steps, or multiples of the setting's lag."""
    if exact.clock == STEPS:
        return [(steps * exact.dt, int(steps)) for steps in factors]
    return [(factor * exact.lag, 0) for factor in factors]


def moments_of(joint, certain=False):
    """Covariance, 1 − ρ² (exactly 0 where one number decides both) and covariance of the squares."""
    (m1, m2), (v1, v2), c = joint.means, joint.variances, joint.covariance
    share = mpf(0) if certain else (v1 * v2 - c * c) / (v1 * v2)
    return [c, share, 2 * c * c + 4 * m1 * m2 * c]


def row(setting, factors, number):
    """One line: inputs, expected values with their condition numbers."""
    exact = setting.exact()
    lags = lags_of(exact, factors)
    joint = plain_joint(exact, lags)
    certain = setting.temperature == 0.0
    moments = moments_of(joint, certain)
    if setting.clock == STEPS:
        for a, b in zip(moments, moments_of(recursive_joint(exact, lags), certain), strict=True):
            require_agreement(a, b, setting)
    bivariate = Bivariate(joint)
    with mp.workdps(QUADRATURE_DIGITS):
        value = bivariate.covariance()
        if number % 25 == 0 and bivariate.share > 0.3:
            with mp.workdps(30):
                flat = bivariate.both_in_two_dimensions()
            assert abs(flat / bivariate.both() - 1) < mpf(10) ** -18, setting
        if abs(value) < UNRESOLVED * min(bivariate.single(0), bivariate.single(1)):
            value = None
    values = [*moments, value]
    sums = [mpf(0)] * len(values)
    slopes = None if certain else bivariate.gradient()
    names = [name for name in INPUTS if getattr(setting, name) != 0.0 and not (setting.law == FREE and name == "stiffness")]
    names += [] if setting.clock == STEPS else ["lag"]
    for name in names:
        sides = []
        for factor in (1 + DIFFERENCE, 1 - DIFFERENCE):
            varied = exact.varied(name, factor)
            sides.append(plain_joint(varied, lags_of(varied, factors)))
        pairs = list(zip(*(moments_of(side, certain) for side in sides), strict=True))
        if certain:
            pairs.append(tuple(Bivariate(side).covariance() for side in sides))
            changes = [above - below for above, below in pairs]
        else:
            parameters = zip(*(Bivariate(side).parameters() for side in sides), strict=True)
            moved = sum(slope * (above - below) for slope, (above, below) in zip(slopes, parameters, strict=True))
            changes = [above - below for above, below in pairs] + [moved]
        for i, change in enumerate(changes):
            if values[i] is not None and values[i] != 0:
                sums[i] += abs(change / (2 * DIFFERENCE * values[i]))
    inputs = [plain(getattr(setting, name)) for name in INPUTS]
    times = [plain(float(lag[0])) for lag in lags]
    for (time, _), text in zip(lags, times, strict=True):
        assert mpf(float(text)) == time, (setting, time)
    expected = []
    for value, condition in zip(values, sums, strict=True):
        expected += cells(value, condition, WORST_CONDITION)
    return [setting.law, setting.clock, *inputs, *times, *expected]


# Two lags as multiples of a time or as steps: far apart, usual, close and very close.
RATIOS = ((1, 1024), (1, 2), (4, 5), (16, 17), (1024, 1025), (2**20, 2**20 + 1), (2**34, 2**34 + 1))
STEP_PAIRS = ((1, 2), (1, 7), (2, 3), (5, 60), (40, 41), (299, 300), (1000, 1001), (1, 1000))


def settings():
    """Random settings from a seed, over every law, clock, distance of lags and width of the window."""
    draw = Draw(SEED + 4)
    widths = (1e-3, 0.1, 0.5, 1.0, 1.6448, 3.0, 6.0)
    for law in (FREE, WELL, STATIONARY):
        for clock, pairs in ((CONTINUOUS, RATIOS), (STEPS, STEP_PAIRS)):
            for pair in pairs:
                for repeat in range(4 if law == WELL else 2):
                    bath = dict(mobility=draw.log(1e-3, 1), temperature=draw.log(1e-6, 10), dataset_size=draw.log(1, 6e4))
                    dt = draw.choice((0.125, 1.0, 4.0)) if clock == STEPS else 0.0
                    rate = draw.log(1e-4, 1.9)
                    exponent = draw.uniform(-12, 6)
                    lag = 2.0 ** int(exponent) / pair[0] if clock == CONTINUOUS and law == FREE else 0.0
                    if clock == CONTINUOUS and law != FREE:
                        lag = 2.0 ** int(draw.uniform(-3, 3)) / 2.0 ** int(mp.log(pair[0], 2))
                    unit = dt if clock == STEPS else 1.0
                    stiffness = 0.0 if law == FREE else double(rate / (bath["mobility"] * unit))
                    thermal = 1.0 if law == FREE else (bath["temperature"] / bath["dataset_size"] / stiffness) ** 0.5
                    setting = Setting(law, clock, dt=dt, stiffness=stiffness, lag=lag, half_width=1.0, **bath)
                    if law == WELL:
                        waiting = draw.choice((0.0, 0.0, 3.0)) * unit
                        mean = double(draw.choice((0.0, 1.0, -3.0)) * thermal)
                        spread = double(draw.choice((0.0, 0.5, 4.0)) * thermal)
                        if repeat == 3:
                            mean, spread = 0.0, 1.0
                            setting = replace(setting, temperature=0.0)
                        setting = replace(setting, waiting_time=waiting, start_mean=mean, start_standard_deviation=spread)
                    yield scaled(setting, pair, draw.choice(widths)), pair


def scaled(setting, pair, width):
    """The half width as so many root mean squares of the displacement at the first lag, or at the second."""
    exact = setting.exact()
    joint = plain_joint(exact, lags_of(exact, pair))
    which = 0 if width < 1.0 else 1
    square = joint.variances[which] + joint.means[which] ** 2
    return replace(setting, half_width=double(width * mp.sqrt(square)))


def write_joint(folder):
    """Writes joint.csv."""
    rows = [row(setting, pair, number) for number, (setting, pair) in enumerate(settings())]
    columns = ["law", "clock", *INPUTS, "first_lag", "second_lag"]
    for name in EXPECTED:
        columns += [name, f"{name}_condition"]
    header = [
        "Displacements d1, d2 of one weight at two lags from one origin: covariance, 1 - rho^2, Cov(d1^2, d2^2), and the",
        "covariance of |d1| <= half_width and |d2| <= half_width. Condition numbers as in laws.csv; both lags vary together.",
        "Empty: condition number above 1e13, or a covariance below 1e-40 of the probabilities.",
    ]
    write_table(folder / "joint.csv", header, columns, rows)
