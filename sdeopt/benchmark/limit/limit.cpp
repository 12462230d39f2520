// The benchmark's limit: its workloads written by hand for vectors, with the engine's random words.
//
// A vector holds one agent of WIDTH replicas (one coordinate) or two agents of WIDTH / 2 replicas (the
// coupled loss), so that a mean is a sum of whole vectors, taken in the pass that updates. Everything
// that a compiler cannot know is used: the step size, the coupling and the amplitudes are multiplied
// into the coefficients of the gradient beforehand, and rounding may differ from the engine's.
//
// `x` is (replicas, agents, dim), read and overwritten. `slopes` of a gradient
// c x^3 + b x + a + s1 sin(w1 x) + s2 sin(w2 x) is {c, b, a, s1, s2, w1, w2}.
#include <algorithm>
#include <vector>

#include "functions.hpp"
#include "philox.hpp"

namespace {

struct Settings {
    long replicas, agents, dim, steps;
    double step_size, coupling, noise;  // half-width or standard deviation
    uint64_t seed;
};

// One step without noise and without the mean: x + h (-f'(x) - k x), less its constant.
class Polynomial {
  public:
    Polynomial(const Settings &run, const double *slopes)
        : cubic(all(-run.step_size * slopes[0])),
          linear(all(1 - run.step_size * (run.coupling + slopes[1]))),
          constant(-run.step_size * slopes[2]) {}
    INLINE Vector add_to(Vector sum, Vector x) const { return x * (x * x * cubic + linear) + sum; }

    Vector cubic, linear;
    double constant;
};

struct Rugged : Polynomial {
    Rugged(const Settings &run, const double *slopes)
        : Polynomial(run, slopes),
          one(-run.step_size * slopes[3], slopes[5]),
          two(-run.step_size * slopes[4], slopes[6]) {}
    INLINE Vector add_to(Vector sum, Vector x) const {
        return two.add_to(one.add_to(Polynomial::add_to(sum, x), x), x);
    }

    Wave one, two;
};

struct Linear : Polynomial {
    using Polynomial::Polynomial;
    INLINE Vector add_to(Vector sum, Vector x) const { return x * linear + sum; }
};

// Two steps use one block: the second one's noise waits in `spare`.
template <bool GAUSSIAN, class Drift>
void one_dimension(double *x, const Settings &run, const Drift &drift) {
    const Philox philox(run.seed);
    const long agents = run.agents;
    std::vector<Lane> lanes(agents);
    std::vector<Vector> state(agents), spare(agents);
    for (long i = 0; i < agents; ++i) lanes[i] = philox.lane(all_words(i));
    const double pull = run.step_size * run.coupling / agents;
    // uniform on (-1, 1) is twice what one_to_two returns, less 3
    const double amplitude = -run.step_size * run.noise * (GAUSSIAN ? 1 : 2);
    const Vector constant = all(drift.constant - (GAUSSIAN ? 0 : amplitude * (1.5 - 0x1p-53)));
    for (long first = 0; first < run.replicas; first += WIDTH) {
        Words replica;
        Vector sum = {};
        for (int r = 0; r < WIDTH; ++r) {
            replica[r] = first + r;
            const long from = std::min(first + r, run.replicas - 1);
            for (long i = 0; i < agents; ++i) state[i][r] = x[from * agents + i];
        }
        for (const Vector &each : state) sum += each;
        for (long t = 0; t < run.steps; t += 2) {
            const Shared shared = philox.shared(replica, t / 2);
            Vector base = sum * pull + constant;
            sum = Vector{};
            for (long i = 0; i < agents; ++i) {
                const Pair words = philox.words(lanes[i], shared);
                Vector noise;
                if (GAUSSIAN) {
                    gaussian(words.first, words.second, all(amplitude), noise, spare[i]);
                } else {
                    noise = all(amplitude) * one_to_two(words.first);
                    spare[i] = all(amplitude) * one_to_two(words.second);
                }
                sum += state[i] = drift.add_to(noise + base, state[i]);
            }
            if (t + 1 == run.steps) break;
            base = sum * pull + constant;
            sum = Vector{};
            for (long i = 0; i < agents; ++i) {
                sum += state[i] = drift.add_to(spare[i] + base, state[i]);
            }
        }
        for (int r = 0; r < WIDTH && first + r < run.replicas; ++r)
            for (long i = 0; i < agents; ++i) x[(first + r) * agents + i] = state[i][r];
    }
}

// The pair term by sums of sines and cosines: with S, C their sums over the coordinates, the sum of
// sin w(x_i + x_j) over j != i is s_i C + c_i (S - 2 s_i). Uniform noise, even numbers of agents and
// coordinates.
void many_dimensions(double *x, const Settings &run, const double *slopes) {
    constexpr int REPLICAS = WIDTH / 2;
    const Philox philox(run.seed);
    const Polynomial drift(run, slopes);
    const long dim = run.dim, vectors = run.agents / 2, blocks = dim / 2;
    std::vector<Lane> lanes(vectors);
    std::vector<Shared> shared(blocks);
    std::vector<Vector> state(vectors * dim), sum(dim), next(dim);
    std::vector<Vector> sine_1(dim), cosine_1(dim), sine_2(dim), cosine_2(dim);
    for (long v = 0; v < vectors; ++v) {
        Words agent;
        for (int j = 0; j < WIDTH; ++j) agent[j] = 2 * v + j / REPLICAS;
        lanes[v] = philox.lane(agent);
    }
    const double pull = run.step_size * run.coupling / run.agents;
    const Vector amplitude = all(-2 * run.step_size * run.noise);
    const Vector constant = all(drift.constant) - amplitude * (1.5 - 0x1p-53);
    const Vector turns_1 = all(slopes[5] * 2 / PI), turns_2 = all(slopes[6] * 2 / PI);
    const Vector slope_1 = all(-run.step_size * slopes[3]), slope_2 = all(-run.step_size * slopes[4]);
    for (long first = 0; first < run.replicas; first += REPLICAS) {
        const auto place = [&](long v, int j, long d) {
            const long replica = std::min(first + j % REPLICAS, run.replicas - 1);
            return (replica * run.agents + 2 * v + j / REPLICAS) * dim + d;
        };
        Words replica;
        std::fill(sum.begin(), sum.end(), Vector{});
        for (int j = 0; j < WIDTH; ++j) replica[j] = first + j % REPLICAS;
        for (long v = 0; v < vectors; ++v)
            for (long d = 0; d < dim; ++d) {
                for (int j = 0; j < WIDTH; ++j) state[v * dim + d][j] = x[place(v, j, d)];
                sum[d] += state[v * dim + d];
            }
        for (long t = 0; t < run.steps; ++t) {
            for (long i = 0; i < blocks; ++i) shared[i] = philox.shared(replica, t * blocks + i);
            for (long d = 0; d < dim; ++d) {
                sum[d] = (sum[d] + swap_halves(sum[d])) * pull + constant;
                next[d] = Vector{};
            }
            for (long v = 0; v < vectors; ++v) {
                Vector *own = &state[v * dim];
                Vector S1 = {}, C1 = {}, S2 = {}, C2 = {};
                for (long d = 0; d < dim; ++d) {
                    cosine_sine(own[d], turns_1, cosine_1[d], sine_1[d]);
                    cosine_sine(own[d], turns_2, cosine_2[d], sine_2[d]);
                    S1 += sine_1[d], C1 += cosine_1[d], S2 += sine_2[d], C2 += cosine_2[d];
                }
                S1 *= slope_1, C1 *= slope_1, S2 *= slope_2, C2 *= slope_2;
                const auto step = [&](long d, Words word) {
                    Vector y = drift.add_to(amplitude * one_to_two(word) + sum[d], own[d]);
                    y += sine_1[d] * C1 + cosine_1[d] * (S1 - 2 * slope_1 * sine_1[d]);
                    y += sine_2[d] * C2 + cosine_2[d] * (S2 - 2 * slope_2 * sine_2[d]);
                    next[d] += own[d] = y;
                };
                for (long i = 0; i < blocks; ++i) {
                    const Pair words = philox.words(lanes[v], shared[i]);
                    step(2 * i, words.first);
                    step(2 * i + 1, words.second);
                }
            }
            sum.swap(next);
        }
        for (long v = 0; v < vectors; ++v)
            for (long d = 0; d < dim; ++d)
                for (int j = WIDTH - 1; j >= 0; --j)
                    if (first + j % REPLICAS < run.replicas) x[place(v, j, d)] = state[v * dim + d][j];
    }
}

}  // namespace

extern "C" {

void rugged_uniform(double *x, const Settings *run, const double *slopes) {
    one_dimension<false>(x, *run, Rugged(*run, slopes));
}

void rugged_gaussian(double *x, const Settings *run, const double *slopes) {
    one_dimension<true>(x, *run, Rugged(*run, slopes));
}

void quadratic_gaussian(double *x, const Settings *run, const double *slopes) {
    one_dimension<true>(x, *run, Linear(*run, slopes));
}

void coupled_uniform(double *x, const Settings *run, const double *slopes) {
    many_dimensions(x, *run, slopes);
}
}
