"""The displacement laws in multiple precision: settings, moments by two routes, observables, condition numbers."""

from dataclasses import dataclass, fields
from fractions import Fraction

from mpmath import mp, mpf

from numbers_and_tables import DIFFERENCE, require_agreement

# Step numbers up to this are followed one by one, more by a matrix power.
LONGEST_RECURSION = 2000

CONTINUOUS, STEPS = "continuous", "steps"
FREE, WELL, STATIONARY = "free_brownian", "quadratic_well", "stationary_well"

OBSERVABLES = (
    "mean",
    "variance",
    "overlap",
    "mobile_fraction",
    "mean_squared_displacement",
    "non_gaussian_parameter",
    "cumulative",
    "survival",
    "density_of_magnitude",
    "density_of_log10_magnitude",
)


@dataclass(frozen=True)
class Setting:
    """One row of inputs: doubles on the way in (`exact` turns them into mp numbers)."""

    law: str
    clock: str
    dt: float = 0.0
    mobility: float = 1.0
    temperature: float = 1.0
    dataset_size: float = 1.0
    stiffness: float = 0.0
    start_mean: float = 0.0
    start_standard_deviation: float = 0.0
    waiting_time: float = 0.0
    lag: float = 0.0
    half_width: float = 0.0
    position: float = 0.0

    def exact(self):
        """The same with mp numbers and, on a step clock, the whole numbers of steps."""
        numbers = {f.name: mpf(getattr(self, f.name)) for f in fields(self) if f.name not in ("law", "clock")}
        exact = Exact(self.law, self.clock, **numbers)
        if self.clock == STEPS:
            for name, time in (("lag_steps", self.lag), ("waiting_steps", self.waiting_time)):
                steps = Fraction(time) / Fraction(self.dt)
                assert steps.denominator == 1, (name, self)
                setattr(exact, name, int(steps))
        return exact

    def continuous_inputs(self):
        """Names of the inputs that are not 0 and can be varied; steps vary through `dt` alone."""
        names = ["mobility", "temperature", "dataset_size", "stiffness", "start_mean", "start_standard_deviation"]
        names += ["half_width", "position"]
        names += ["dt"] if self.clock == STEPS else ["waiting_time", "lag"]
        return [name for name in names if getattr(self, name) != 0.0]


class Exact:
    """A setting in mp numbers. On a step clock the times follow from `dt` and the numbers of steps."""

    def __init__(self, law, clock, **numbers):
        self.law, self.clock = law, clock
        self.lag_steps = self.waiting_steps = 0
        self.__dict__.update(numbers)

    def varied(self, name, factor):
        """A copy with one input multiplied by `factor`."""
        other = Exact.__new__(Exact)
        other.__dict__.update(self.__dict__)
        setattr(other, name, getattr(self, name) * factor)
        return other

    @property
    def diffusion(self):
        return self.mobility * self.temperature / self.dataset_size

    @property
    def rate(self):
        return self.mobility * self.stiffness


def retention_and_variance(exact, time, steps):
    """r and V of the well in closed form: what is left of the start after a time, and the noise gathered in it."""
    if exact.clock == CONTINUOUS:
        x = exact.rate * time
        noise = 2 * time if x == 0 else -mp.expm1(-2 * x) / exact.rate
        return mp.exp(-x), exact.diffusion * noise
    a = 1 - exact.rate * exact.dt
    kicks = steps if a * a == 1 else (1 - a ** (2 * steps)) / (1 - a * a)
    return a**steps, 2 * exact.diffusion * exact.dt * kicks


def stationary_variance(exact):
    """V_inf of the weight itself."""
    if exact.clock == CONTINUOUS:
        return exact.diffusion / exact.rate
    return 2 * exact.diffusion * exact.dt / (1 - (1 - exact.rate * exact.dt) ** 2)


def closed_moments(exact):
    """Mean and variance of the displacement in closed form."""
    if exact.law == FREE:
        return mpf(0), 2 * exact.diffusion * (exact.lag if exact.clock == CONTINUOUS else exact.lag_steps * exact.dt)
    retention, noise = retention_and_variance(exact, exact.lag, exact.lag_steps)
    loss = -mp.expm1(-exact.rate * exact.lag) if exact.clock == CONTINUOUS else 1 - retention
    if exact.law == STATIONARY:
        return mpf(0), 2 * stationary_variance(exact) * loss
    retained, gathered = retention_and_variance(exact, exact.waiting_time, exact.waiting_steps)
    spread = exact.start_standard_deviation**2 * retained**2 + gathered
    return -exact.start_mean * retained * loss, noise + loss**2 * spread


def start_of(exact):
    """Mean and variance of the weight at time 0."""
    if exact.law == STATIONARY:
        return mpf(0), stationary_variance(exact)
    return exact.start_mean, exact.start_standard_deviation**2


def displacement_moments(mean_before, mean_after, variance_before, variance_after, covariance):
    """Mean and variance of w(t_w + t) − w(t_w) from the joint moments of the two weights."""
    return mean_after - mean_before, variance_after + variance_before - 2 * covariance


def recursive_moments(exact):
    """Moments of Euler–Maruyama: w ← a w + noise, one step after another, or by a matrix power where they are many."""
    a = 1 - (mpf(0) if exact.law == FREE else exact.rate * exact.dt)
    kick = 2 * exact.diffusion * exact.dt
    mean, variance = start_of(exact)
    if exact.lag_steps + exact.waiting_steps > LONGEST_RECURSION:
        step = mp.diag([a, a * a, a, mpf(1)])
        step[1, 3] = kick
        waited = step**exact.waiting_steps * mp.matrix([mean, variance, 0, 1])
        later = step**exact.lag_steps * mp.matrix([waited[0], waited[1], waited[1], 1])
        return displacement_moments(waited[0], later[0], waited[1], later[1], later[2])
    for _ in range(exact.waiting_steps):
        mean, variance = a * mean, a * a * variance + kick
    mean_before, variance_before, covariance = mean, variance, variance
    for _ in range(exact.lag_steps):
        mean, variance, covariance = a * mean, a * a * variance + kick, a * covariance
    return displacement_moments(mean_before, mean, variance_before, variance, covariance)


def exponential_moments(exact):
    """Moments in continuous time by the exponential of the moment equations: second route for moderate kappa t."""
    kappa = mpf(0) if exact.law == FREE else exact.rate
    generator = mp.diag([-kappa, -2 * kappa, -kappa, mpf(0)])
    generator[1, 3] = 2 * exact.diffusion
    mean, variance = start_of(exact)
    waited = mp.expm(generator * exact.waiting_time) * mp.matrix([mean, variance, 0, 1])
    later = mp.expm(generator * exact.lag) * mp.matrix([waited[0], waited[1], waited[1], 1])
    return displacement_moments(waited[0], later[0], waited[1], later[1], later[2])


def moments(exact, check):
    """Mean and variance by the main route, compared with the second one (in continuous time only on `check`)."""
    closed = closed_moments(exact)
    if exact.clock == CONTINUOUS:
        moderate = abs(exact.rate) * (exact.lag + exact.waiting_time) < 50
        second = exponential_moments(exact) if check and moderate else closed
        main = closed
    else:
        main, second = recursive_moments(exact), closed
    for first, other in zip(main, second, strict=True):
        require_agreement(first, other, vars(exact))
    # Below the cancellation of the plain formulas, an exact 0 is an exact 0.
    return tuple(mpf(0) if other == 0 else first for first, other in zip(main, closed, strict=True))


def window(c, d):
    """½ [erf(c + d) − erf(c − d)] at the present precision."""
    c = abs(c)
    if c <= d:
        return (mp.erf(d - c) + mp.erf(d + c)) / 2
    return (mp.erfc(c - d) - mp.erfc(c + d)) / 2


def window_complement(c, d):
    """1 − window(c, d) without the subtraction."""
    c = abs(c)
    return (mp.erfc(d - c) + mp.erfc(d + c)) / 2


def observables(mean, variance, half_width, position):
    """Every observable of one Gaussian displacement; None where it is undefined or degenerate."""
    msd = mean**2 + variance
    alpha2 = None if msd == 0 else -mpf(2) / 3 * (mean**2 / msd) ** 2
    if variance == 0:
        inside, reached = mpf(abs(mean) <= half_width), mpf(mean <= position)
        return (mean, variance, inside, 1 - inside, msd, alpha2, reached, 1 - reached, None, None)
    scale = mp.sqrt(2 * variance)
    c, d, z = mean / scale, half_width / scale, (position - mean) / scale
    density = (mp.exp(-((d - c) ** 2)) + mp.exp(-((d + c) ** 2))) / (mp.sqrt(mp.pi) * scale)
    return (
        mean,
        variance,
        window(c, d),
        window_complement(c, d),
        msd,
        alpha2,
        mp.erfc(-z) / 2,
        mp.erfc(z) / 2,
        density,
        mp.log(10) * half_width * density,
    )


def all_observables(exact):
    """Observables by the closed form of the moments: what the differences are taken of."""
    return observables(*closed_moments(exact), exact.half_width, exact.position)


def conditions(setting, exact, values):
    """Condition number of every observable.

    The density of log10|dw| is asked for at log10(half_width), a rounded number: it counts |ln(half_width)| times
    where that is above 1.
    """
    sums = [mpf(0)] * len(values)
    for name in setting.continuous_inputs():
        above = all_observables(exact.varied(name, 1 + DIFFERENCE))
        below = all_observables(exact.varied(name, 1 - DIFFERENCE))
        for i, value in enumerate(values):
            if value is not None and value != 0:
                slope = abs((above[i] - below[i]) / (2 * DIFFERENCE * value))
                if name == "half_width" and OBSERVABLES[i] == "density_of_log10_magnitude":
                    slope *= max(mpf(1), abs(mp.log(exact.half_width)))
                sums[i] += slope
    return sums
