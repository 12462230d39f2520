"""The papers whose results are proved, and the facts of analysis that the proofs cite."""

from theory.proofs.fact import Cited

BOFFI_SLOTINE = (
    "Boffi and Slotine, A continuous-time analysis of distributed stochastic gradient (2020)"
)
ADILOVA = (
    "Adilova, Paul and Schlicht, Introducing noise in decentralized training of neural networks "
    "(2018)"
)
LARGE_BATCH = "Anonymous, Even larger batch size with additive gradient noise (under review)"
SLOTINE = "Slotine, Modular stability tools for distributed computation and control (2003)"

DYNKIN = Cited(
    "Dynkin's formula",
    "for a solution with finite second moments and V of quadratic growth, for which the stochastic "
    "integral in Itô's formula is a martingale, d/dt E V(x_t) = E (LV)(x_t), with L the generator",
    "Øksendal, Stochastic Differential Equations, Thm 7.4.1",
)
COMPARISON = Cited(
    "comparison lemma",
    "v' <= F(v) and w' = F(w) with v(0) <= w(0) give v <= w at all later times",
    "Khalil, Nonlinear Systems, Lemma 3.4",
)
MEAN_VALUE = Cited(
    "mean value theorem along a segment",
    "u·(∇f(x + u) − ∇f(x)) is the mean of uᵀ∇²f u over the segment from x to x + u",
    "Rudin, Principles of Mathematical Analysis, Thm 9.19",
)
SPECTRAL = Cited(
    "spectral theorem",
    "a symmetric matrix has an orthonormal basis of eigenvectors, so blocks that are functions of "
    "one symmetric matrix split into blocks of numbers, one for each eigenvalue",
    "Horn and Johnson, Matrix Analysis, Thm 2.5.6",
)
JENSEN = Cited(
    "Jensen's inequality",
    "(E √V)² <= E V for V >= 0",
    "Rudin, Real and Complex Analysis, Thm 3.3",
)
MINKOWSKI = Cited(
    "triangle inequality",
    "‖u + v‖ <= ‖u‖ + ‖v‖ in the Euclidean norm",
    "Rudin, Principles of Mathematical Analysis, Thm 1.37",
)
OPERATOR_NORM = Cited(
    "operator norm", "uᵀGw <= ‖G‖ ‖u‖ ‖w‖", "Horn and Johnson, Matrix Analysis, Thm 5.6.2"
)
JURY = Cited(
    "Jury's criterion",
    "the roots of a real polynomial lie inside the unit circle exactly when the expressions of "
    "Jury's table are positive; for two roots these bound a triangle of sum and product, on whose "
    "edge the larger modulus is 1",
    "Jury, Theory and Application of the z-Transform Method, Ch. 3",
)
TAYLOR = Cited(
    "Taylor's formula with integral remainder",
    "g(x + v) = g(x) + ∇g(x)·v + ∫₀¹ (1 − s) vᵀ∇²g(x + s v) v ds for g with two continuous derivatives",
    "Apostol, Calculus, volume 1, Thm 7.6, along the segment from x to x + v",
)
MEAN_HESSIAN = Cited(
    "mean Hessian along a segment",
    "∇f(x + u) − ∇f(x) = H u, with H the mean of ∇²f over the segment from x to x + u: symmetric, and "
    "with eigenvalues between bounds that hold for those of ∇²f at every point",
    "Nesterov, Lectures on Convex Optimization, Lemma 1.2.2",
)
INDEPENDENT_PRODUCT = Cited(
    "product of independent variables",
    "E[u v] = E[u] E[v] for independent u and v whose expectations exist",
    "Durrett, Probability: Theory and Examples, Thm 2.1.13",
)
LEVY = Cited(
    "Lévy's characterization",
    "a continuous martingale whose quadratic variation is s t is √s times a Wiener process",
    "Øksendal, Stochastic Differential Equations, Thm 8.6.1",
)
SLUTSKY = Cited(
    "Slutsky's theorem",
    "a term that tends to 0 in mean square does not change the limit law of a sum",
    "Billingsley, Convergence of Probability Measures, Thm 3.1",
)
DIFFERENTIATION = Cited(
    "differentiation under the integral",
    "∇E f(y − s ζ) = E ∇f(y − s ζ) where the law of ζ does not depend on y and ‖∇f(y' − s ζ)‖ is, for "
    "all y' near y, below one integrable variable",
    "Durrett, Probability: Theory and Examples, Thm A.5.1",
)
ITO_TAYLOR = Cited(
    "Itô–Taylor expansion",
    "E φ(X_h) = Σ_{k <= m} (h^k/k!) (L^k φ)(x) + O(h^{m+1}) for φ and coefficients that are smooth with "
    "derivatives of polynomial growth: Dynkin's formula m + 1 times",
    "Kloeden and Platen, Numerical Solution of Stochastic Differential Equations, Sec. 5.5",
)
SCHWARZ = Cited(
    "symmetry of second derivatives",
    "∂_a ∂_c f = ∂_c ∂_a f for f with two continuous derivatives",
    "Rudin, Principles of Mathematical Analysis, Thm 9.41",
)
WEAK_ERROR = Cited(
    "weak order from one-step moments",
    "when the moments of orders 1 to m of one step of a scheme and of an equation, both with steps of "
    "size η, differ by O(η^{m+1}), and the moments of order m + 1 are O(η^{m+1}), the weak error over "
    "bounded times is O(η^m)",
    "Milstein, Theory Probab. Appl. 30 (1986) 750; for equations that depend on η: Li, Tai and E, "
    "J. Mach. Learn. Res. 20 (2019) 40",
)
ROUTH_HURWITZ = Cited(
    "Routh–Hurwitz criterion",
    "all eigenvalues of a real matrix have negative real parts exactly when the determinants of "
    "Hurwitz, in the coefficients of its characteristic polynomial, are positive; e^{At} then vanishes",
    "Gantmacher, The Theory of Matrices, volume 2, Ch. XV, Sec. 6",
)
