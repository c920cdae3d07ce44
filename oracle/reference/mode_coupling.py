"""Schematic mode coupling, master curves, ageing and stationary points: the lines of mode_coupling.csv.

The routes share nothing with the Rust code. F1 comes from the queue it describes (M/M/1, first passage to 0): by the
reflection of a random walk at moderate times, by the integral of the density of first passage at late ones.
"""

from mpmath import mp, mpf

from numbers_and_tables import SEED, Draw, cells, plain, require_agreement, write_table
from special_functions import sensitivity

# Integrals are done with these digits, and are good to 50.
INTEGRAL_DIGITS = 60
# Up to this many terms of a random walk are added.
LARGEST_BESSEL_ARGUMENT = 20_000


def scaled_bessel_list(x):
    """e^(−x) I_j(x) for j = 0, 1, … by Miller's recurrence; normalised by e^x = I_0 + 2 Σ I_j."""
    highest = 40 + int(mp.ceil(mp.sqrt(2 * x * 250)))
    values = [mpf(0)] * (highest + 2)
    values[highest] = mpf(10) ** -200
    for j in range(highest, 0, -1):
        values[j - 1] = values[j + 1] + 2 * j / x * values[j]
    total = values[0] + 2 * sum(values[1:])
    return [value / total for value in values]


def f1_by_reflection(v, t):
    """P(a walk from 1, up at rate v and down at rate 1, has not met 0 before t) = p_0 + p_1 + (1 − 1/v) P(walk ≥ 2).

    p_j = e^(−(1+v)t) v^(j/2) I_j(2 √v t) is the walk's displacement without the wall.
    """
    root = mp.sqrt(v)
    bessel = scaled_bessel_list(2 * root * t)
    scale = mp.exp(-((1 - root) ** 2) * t)
    walk = [scale * root**j * value for j, value in enumerate(bessel)]
    if v <= 1:
        above = sum(walk[2:])
    else:
        above = 1 - walk[1] - sum(scale * root**-j * value for j, value in enumerate(bessel))
    return walk[0] + walk[1] + (1 - 1 / v) * above


def f1_by_first_passage(v, t):
    """(1 − 1/v)_+ + ∫_t^∞ e^(−(1+v)s) I_1(2 √v s) / (√v s) ds, with s = t/w²."""
    root = mp.sqrt(v)
    gap = ((1 - v) / (1 + root)) ** 2

    def density(w):
        if w == 0:
            return mpf(0)
        s = t / w**2
        if gap * s > 2000:
            return mpf(0)
        x = 2 * root * s
        return 2 / w * mp.exp(-gap * s) * mp.exp(-x) * mp.besseli(1, x) / root

    knee = min(mpf(1), mp.sqrt(gap * t)) / 2
    points = sorted({mpf(0), knee / 4, knee, (knee + 1) / 2, mpf(1)})
    return max(mpf(0), 1 - 1 / v) + mp.quad(density, points)


def f1(v, t):
    """φ of F1."""
    if v == 0 or t == 0:
        return mp.exp(-t)
    if 2 * mp.sqrt(v) * t <= LARGEST_BESSEL_ARGUMENT:
        return f1_by_reflection(v, t)
    with mp.workdps(INTEGRAL_DIGITS):
        return f1_by_first_passage(v, t)


def f1_condition(v, t, value):
    """|d ln φ / d ln t| exactly, |d ln φ / d ln v| by differences."""
    if t == 0:
        return mpf(0)
    root = mp.sqrt(v)
    x = 2 * root * t
    slope = mp.exp(-((1 - root) ** 2) * t) * (2 * mp.exp(-x) * mp.besseli(1, x) / x if v else 1)
    total = t * slope / value
    if v != 0:
        step = mpf(10) ** -18
        total += abs(f1(v * (1 + step), t) - f1(v * (1 - step), t)) / (2 * step * value)
    return total


def f1_rows():
    """Couplings on either side of the transition, and near it; times to 1e12."""
    couplings = [0.0, 1e-9, 0.1, 0.5, 0.9, 0.99, 0.999999, 1.0, 1.000001, 1.01, 1.1, 2.0, 3.0, 10.0, 1e4]
    times = [0.0, 1e-9, 1e-3, 0.1, 0.5, 1.0, 3.0, 10.0, 40.0, 200.0, 1e3, 1e4, 1e6, 1e9, 1e12]
    for v in couplings:
        for t in times:
            gap = ((1 - mpf(v)) / (1 + mp.sqrt(mpf(v)))) ** 2
            if gap * t > 660 and v < 1:
                continue
            value = max(mpf(0), 1 - 1 / mpf(v)) if gap * t > 660 else f1(mpf(v), mpf(t))
            condition = mpf(1) / (v - 1) if gap * t > 660 else f1_condition(mpf(v), mpf(t), value)
            yield ["f1", plain(v), plain(t), *cells(value, condition)]
    for v, t in ((0.5, 30.0), (1.0, 500.0), (1.5, 20.0)):
        with mp.workdps(INTEGRAL_DIGITS):
            late = f1_by_first_passage(mpf(v), mpf(t))
        require_agreement(f1_by_reflection(mpf(v), mpf(t)), late, f"F1 at {v}, {t}")


def f12_plateau(v1, v2):
    """The largest root of f = (1 − f)(v1 f + v2 f²) in [0, 1), by numerical roots of the cubic."""
    if v2 == 0:
        return max(mpf(0), 1 - 1 / v1) if v1 else mpf(0)
    roots = mp.polyroots([-v2, v2 - v1, v1 - 1, 0], maxsteps=500, extraprec=400)
    real = [r for r in roots if abs(mp.im(r)) < mpf(10) ** -60]
    return max(mpf(0), max(mp.re(r) for r in real))


def exponents(exponent_parameter):
    """a and b by Newton's method on the gamma functions themselves."""
    small = mp.sqrt((1 - exponent_parameter) * 6) / mp.pi
    log_parameter = mp.log(exponent_parameter)

    def excess(x):
        return 2 * mp.loggamma(1 - x) - mp.loggamma(1 - 2 * x) - log_parameter

    a = mp.findroot(excess, (small * mpf("0.7"), min(small, mpf("0.45"))), solver="secant", tol=1e-160)
    b = -mp.findroot(excess, (-small, -small * mpf("1.1")), solver="secant", tol=1e-160)
    require_agreement(mp.gamma(1 - a) ** 2 / mp.gamma(1 - 2 * a), exponent_parameter, "a")
    require_agreement(mp.gamma(1 + b) ** 2 / mp.gamma(1 + 2 * b), exponent_parameter, "b")
    return a, b


def exponential_memory(strength, t):
    """φ' = −φ − y, y' = L φ' − y, by the exponential of the matrix."""
    generator = mp.matrix([[-1, -1], [-strength, -strength - 1]])
    return mp.expm(generator * t)[0, 0]


def free_curve(t):
    return mp.erf(1 / (2 * mp.sqrt(t)))


def critical_curve(t):
    return mp.exp(-2 * t) * (mp.besseli(0, 2 * t) + mp.besseli(1, 2 * t))


def local_exponent(curve, t):
    """d ln(curve) / d ln t by differences of 30 more digits than are printed."""
    step = mpf(10) ** -28
    return (mp.log(curve(t * mp.exp(step))) - mp.log(curve(t * mp.exp(-step)))) / (2 * step)


def fitted_exponent(curve, start, end, uniform):
    """Covariance of ln t and ln(curve) over the variance of ln t, times uniform in t or in ln t."""
    with mp.workdps(INTEGRAL_DIGITS):
        low, high = mp.log(start), mp.log(end)
        pieces = mp.linspace(low, high, 2 + int(high - low))

        def mean(f):
            weight = mp.exp if uniform else (lambda x: mpf(1))
            return mp.quad(lambda x: f(x) * weight(x), pieces) / mp.quad(weight, pieces)

        centre = mean(lambda x: x)
        covariance = mean(lambda x: (x - centre) * mp.log(curve(mp.exp(x))))
        return covariance / mean(lambda x: (x - centre) ** 2)


def spherical_correlation(first, second):
    """G(t + t') / √(G(2t) G(2t')), G the moment generating function of the semicircle."""

    def generating(u):
        return mp.besseli(1, 2 * u) / u if u else mpf(1)

    return generating(first + second) / mp.sqrt(generating(2 * first) * generating(2 * second))


def check_semicircle():
    """∫ ρ(μ) e^(μ u) dμ = I_1(2u)/u."""
    with mp.workdps(INTEGRAL_DIGITS):
        u = mpf("1.7")
        integral = mp.quad(lambda h: 2 / mp.pi * mp.sin(h) ** 2 * mp.exp(2 * u * mp.cos(h)), [0, mp.pi / 2, mp.pi])
        require_agreement(integral, mp.besseli(1, 2 * u) / u, "the semicircle")


def expected_count(stiffness, deviation):
    """E|mu + σ z| / mu as an integral on either side of the kink."""
    with mp.workdps(INTEGRAL_DIGITS):
        kink = -stiffness / deviation
        points = sorted({mpf(-20), mpf(-8), mpf(-3), mpf(0), mpf(3), mpf(8), mpf(20)} | ({kink} if kink > -20 else set()))
        return mp.quad(lambda z: abs(stiffness + deviation * z) * mp.npdf(z), points) / stiffness


def total_complexity(r):
    return (r**2 - 1) / 2 - mp.log(r) if r < 1 else mpf(0)


def minima_complexity(r):
    return (4 * r - r**2 - 3) / 2 - mp.log(r) if r < 1 else mpf(0)


def row(name, function, *arguments, condition=None):
    """One line; the condition number by differences unless it is given."""
    exact = [mpf(argument) for argument in arguments]
    value = function(*exact)
    if condition is None:
        condition = sensitivity(function, exact)
    inputs = [plain(argument) for argument in arguments] + [""] * (2 - len(arguments))
    return [name, *inputs, *cells(value, condition)]


def bessel_rows(draw):
    points = [0.0, 1e-300, 1e-9, 0.1, 0.5, 1.0, 1.5, 3.0, 8.0, 20.0, 50.0, 300.0, 1e4, 1e7, 1e12, 1e100]
    for x in points + [draw.log(1e-3, 1e3) for _ in range(40)]:
        yield row("bessel_i0_scaled", lambda y: mp.exp(-y) * mp.besseli(0, y), x)
        if x > 0:
            yield row("bessel_i1_scaled", lambda y: mp.exp(-y) * mp.besseli(1, y), x)
            yield row("bessel_i1_scaled_over_argument", lambda y: mp.exp(-y) * mp.besseli(1, y) / y, x)


def model_rows(draw):
    for v1, v2 in [(0.0, 4.0), (0.0, 4.5), (0.0, 1e6), (1.0, 0.5), (1.0, 2.0), (1.5, 0.0), (1.000001, 0.5), (0.5, 5.0)]:
        yield row("f12_plateau", f12_plateau, v1, v2, condition=mpf(0) if (v1, v2) == (0.0, 4.0) else None)
    found = 0
    while found < 60:
        v1, v2 = draw.uniform(0.0, 3.0), draw.uniform(0.0, 8.0)
        if abs((v1 + v2) ** 2 - 4 * v2) > 1e-3 and abs(v1 - 1) > 1e-6:
            found += 1
            yield row("f12_plateau", f12_plateau, v1, v2)
    parameters = [0.5, 0.55, 0.6, 0.7, 0.735, 0.8, 0.9, 0.99, 0.999, 0.999999, 1 - 1e-9, 1 - 2.0**-40]
    for exponent_parameter in parameters + [draw.uniform(0.5, 1.0) for _ in range(20)]:
        yield row("critical_exponent", lambda x: exponents(x)[0], exponent_parameter)
        yield row("von_schweidler_exponent", lambda x: exponents(x)[1], exponent_parameter)
        yield row("relaxation_time_exponent", lambda x: sum(1 / (2 * y) for y in exponents(x)), exponent_parameter)
    for strength in (0.0, 1e-12, 1e-3, 0.5, 2.0, 10.0, 100.0):
        for t in (0.0, 1e-6, 0.1, 1.0, 5.0, 30.0):
            yield row("exponential_memory", exponential_memory, strength, t)


def curve_rows():
    curves = {"free": free_curve, "critical": critical_curve}
    for name, curve in curves.items():
        for t in (0.004, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e4, 1e8, 1e12):
            yield row(f"{name}_curve", curve, t)
            value = local_exponent(curve, mpf(t))
            # The exponential onset: x² = 1/(4t) is the condition number of erfc.
            yield [f"{name}_local_exponent", plain(t), "", *cells(value, 1 + 1 / (2 * mpf(t)))]
        for start, end in ((0.1848, 18.48), (0.5544, 184.8), (1.0, 10.0), (2.18, 2180.0), (0.01, 1e5), (5.0, 5.01)):
            for uniform in (False, True):
                value = fitted_exponent(curve, mpf(start), mpf(end), uniform)
                spacing = "uniform" if uniform else "logarithmic"
                yield [f"{name}_fit_{spacing}", plain(start), plain(end), *cells(value, 0)]


def landscape_rows(draw):
    for first, second in [(0.0, 0.0), (0.0, 1.0), (1e-9, 3.0), (0.1, 0.2), (1.0, 5.0), (20.0, 20.0), (1e3, 5e6), (1e9, 1e12)]:
        yield row("spherical_correlation", spherical_correlation, first, second)
    for _ in range(30):
        yield row("spherical_correlation", spherical_correlation, draw.log(1e-3, 1e4), draw.log(1e-3, 1e4))
    for stiffness, deviation in [(1.0, 1.0), (1.0, 10.0), (1.0, 0.2), (0.001, 30.0), (5.0, 2.0), (1e-6, 1.0)]:
        # By its integral; the condition is at most 2 + (mu/σ)².
        value = expected_count(mpf(stiffness), mpf(deviation))
        yield ["expected_count", plain(stiffness), plain(deviation), *cells(value, 2 + (stiffness / deviation) ** 2)]
    for ratio in [1e-9, 0.1, 0.3, 0.49, 0.5, 0.51, 0.7, 0.9, 0.99, 0.9999, 0.9999999, 1.0, 1.5]:
        # 1 − r is exact: the distance to the transition is what the value answers to.
        yield row("total_complexity", total_complexity, ratio, condition=mpf(0))
        yield row("minima_complexity", minima_complexity, ratio, condition=mpf(0))


def write_mode_coupling(folder):
    """Everything that is exactly known about glasses, in one table."""
    check_semicircle()
    draw = Draw(SEED + 3)
    rows = [*bessel_rows(draw), *f1_rows(), *model_rows(draw), *curve_rows(), *landscape_rows(draw)]
    header = [
        "Schematic mode coupling, master curves, power-law fits, spherical ageing, stationary points. Inputs are exact "
        "doubles.",
        "Arguments in the order of the Rust functions: f1(coupling, time), f12_plateau(linear, quadratic), "
        "*_exponent(exponent_parameter), exponential_memory(strength, time), *_curve(time), *_local_exponent(time), "
        "*_fit_*(from, to), spherical_correlation(first, second), expected_count(stiffness, curvature_deviation), "
        "*_complexity(ratio).",
        "value_condition: sum over the arguments of |d ln|value| / d ln|argument||, or 0 where 1e-13 is promised anyway.",
    ]
    write_table(folder / "mode_coupling.csv", header, ["function", "first", "second", "value", "value_condition"], rows)
