"""The SDEs of Secs 2, 3 and 5.4 themselves, on the losses of Sec. 4.3, beside the iterations."""

import xarray as xr

from sdeopt.experiment import Experiment
from sims.sde.claims import claims
from sims.sde.configuration import HALVINGS, LEVELS, PAPER, QUICK, SdeConfiguration
from sims.sde.drawing import draw
from sims.sde.laws import Ends, end
from sims.sde.model import METHODS
from sims.sde.orders import Halvings, halve
from sims.sde.parting import Ripples, expected, in_troughs
from sims.shared import BEYOND, SOURCE
from sims.shared.grids import as_part, prefixed, with_numbers

SETUP = (
    "SGD, QSGD, EASGD, QSGD whose gains depend on the state, and QSGD and EASGD with momentum, on the "
    "rugged loss of Figs 1 to 3 and the coupled one of Figs 4 to 6, each as an iteration and as a "
    "stochastic differential equation solved by Euler–Maruyama. A tick is the time of an iteration, η, "
    "and √η with momentum; the equation has the noise strength of its tick. All methods, all steps and "
    "the iterations see one Brownian path, of which coarser steps take sums, and the iteration’s "
    "uniform noise is a function. Four parts: the change of the law when dt is halved, from dt = η down "
    "to where it is small; the laws after many iterations, from dt = η down to η/16; how far SGD is "
    "from its equation over η and the ripples of the loss, with D = ηW²/6 and so the equation held; and "
    "up to which coupling the mean leaves its start."
)

FROM_PAPER = (
    "eqs. (2), (4) to (6), (33), (34) and (55), and that eq. (2) describes SGD to first order of η "
    "(Sec. 2.3)",
    "that QSGD stands for EASGD where the filter of EASGD is fast (Sec. 2.4), and that this filter may "
    "bring no benefit in optimization (Sec. 5.5, of convex losses)",
    "that with momentum much larger couplings are tolerated (Sec. 4.3)",
    "that gains which depend on an agent’s success let it pull the others to lower loss (Sec. 5.4)",
)

RECONSTRUCTED = (
    "the losses, noise widths, step sizes and momentum of Figs 1, 3 and 4 to 6; see there",
    "the paper solves none of these equations on them; sizes and couplings are ours. There are fewer "
    "agents than in the figures, because the iteration of EASGD is stable only for ηkp up to about 2",
    "the step size with momentum on the coupled loss, smaller than without as in Figs 3 and 1",
    "the gain of an agent, 2/(1 + h) with h the mean over coordinates of (x² − 2)²: large where the "
    "loss without tilt and ripples is low",
    "the mean has left its start = it is outside [−0.6, 0.6], the middle basin of the convolved rugged "
    "loss; on the coupled loss in a coordinate",
    "with momentum on the rugged loss one noise does not take two methods to the same basin replica by "
    "replica: a start moved by 10⁻⁶ ends in another one in a fifth of the replicas (without momentum "
    "in none of 60), so that there only the shares of basins can be compared",
)

LOSSES = ("rugged", "coupled")


def simulate(configuration: SdeConfiguration) -> xr.Dataset:
    """Simulate the four parts."""
    parts = [_orders(configuration, loss) for loss in LOSSES]
    parts += [_laws(configuration, loss) for loss in LOSSES]
    parts.append(_ripples(configuration))
    work = sum(part.attrs["agent_steps"] for part in parts)
    given = configuration
    scalars = {name: getattr(given, name) for name in ("band", "usual_coupling", "strong_coupling")}
    joined = xr.merge(parts, combine_attrs="drop", join="exact")
    return joined.assign(scalars).assign_attrs(agent_steps=work)


def _orders(configuration: SdeConfiguration, loss: str) -> xr.Dataset:
    """Halve dt for all methods on a loss, those with momentum apart: their ticks differ."""
    names = configuration.algorithms if loss == "rugged" else configuration.algorithms_on_coupled
    problem = configuration.problem(loss, configuration.agents_for_order)
    parts = []
    for momentum in (False, True):
        methods = [METHODS[name] for name in names if METHODS[name].momentum is momentum]
        if not methods:
            continue
        halving = HALVINGS[loss, momentum]
        how = Halvings(
            {each.name: configuration.coupling_for(loss, each.name) for each in methods},
            halving.ticks,
            halving.levels,
            configuration.replicas_of(loss, momentum=momentum),
            configuration.seed,
        )
        found = halve(problem, methods, how)
        stiffness = methods[-1].stiffness(problem)
        number = xr.DataArray(stiffness * found["dt"].values, dims="dt")
        kind = "momentum" if momentum else "plain"
        parts.append(prefixed(found.assign(number=number), f"{loss}_{kind}"))
    return xr.merge(parts, combine_attrs="drop").assign_attrs(
        agent_steps=sum(part.attrs["agent_steps"] for part in parts)
    )


def _laws(configuration: SdeConfiguration, loss: str) -> xr.Dataset:
    given, few = configuration, loss == "coupled"
    problem = given.problem(loss, given.agents_on_coupled if few else given.agents)
    how = Ends(
        given.iterations_on_coupled if few else given.iterations,
        LEVELS,
        given.replicas_on_coupled if few else given.replicas,
        given.seed + 1,
    )
    found = end(problem, given.cases(loss), how).assign(
        pull=problem.given.step_size * problem.agents,
        number=problem.given.step_size * problem.curvature,
        momentum=problem.momentum,
    )
    return prefixed(found, f"{loss}_law")


def _ripples(configuration: SdeConfiguration) -> xr.Dataset:
    """Measure SGD and Euler-Maruyama at dt = η over step sizes, amplitudes and frequencies."""
    problem = configuration.problem("rugged", 1)
    rows: list[dict[str, float]] = []
    work = 0
    for frequency in configuration.frequency:
        for amplitude in configuration.amplitude:
            for power in range(configuration.halvings + 1):
                step_size = problem.given.step_size / 2**power
                ripples = Ripples(step_size, amplitude, frequency)
                changed = problem.with_ripples(amplitude, frequency).with_step_size(step_size)
                # Noise of its own for every number, so that errors are independent.
                seed = configuration.seed + 2 + 2 * len(rows)
                count = configuration.agents_on_ripples
                iteration = in_troughs(changed, count, seed, uniform=True)
                gaussian = in_troughs(changed, count, seed + 1, uniform=False)
                rows.append(
                    {
                        "step_size": step_size,
                        "amplitude": amplitude,
                        "frequency": frequency,
                        "number": ripples.number,
                        "equation": expected(changed),
                        "iteration": float(iteration.value),
                        "iteration_error": float(iteration.error),
                        "gaussian": float(gaussian.value),
                        "gaussian_error": float(gaussian.error),
                        "replicas": float(count),
                    }
                )
                work += 2 * count * ripples.steps
    table = with_numbers(xr.Dataset(), rows)
    return as_part(table, "ripples").assign_attrs(agent_steps=work)


experiment = Experiment(
    name="sde",
    title="The differential equations on the rugged and the coupled loss, beside the iterations",
    source=f"{SOURCE}, Secs 2.3, 2.4, 3, 4.3 and 5.4; {BEYOND}",
    setup=SETUP,
    from_paper=FROM_PAPER,
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
