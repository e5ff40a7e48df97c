"""Writes generated cases with the answers of scipy, scikit-learn, statsmodels and numpy, a JSON object a line.

Arguments: how many cases of each kind, and a seed. NaN is written as null.
"""

import json
import math
import sys
import warnings

import numpy as np
from scipy import special, stats
from scipy.spatial.distance import jensenshannon
from sklearn import metrics as sk
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint, proportion_effectsize

warnings.filterwarnings("ignore")


def plain(value):
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(each) for each in value]
    if isinstance(value, (np.integer, int)) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, (np.floating, float)):
        return None if math.isnan(value) else float(value)
    return value


def write(kind, given, expected):
    print(json.dumps({"kind": kind, "given": plain(given), "expected": plain(expected)}, allow_nan=False))


def sample(rng, n):
    """Values of one of the shapes that features have."""
    shape = rng.integers(0, 7)
    if shape == 0:
        return rng.normal(rng.normal() * 3, rng.exponential() + 0.1, n)
    if shape == 1:
        return rng.integers(-5, 20, n).astype(float)
    if shape == 2:
        return np.round(rng.exponential(3, n), 2)
    if shape == 3:
        return 1.7e9 + rng.uniform(0, 86400, n)
    if shape == 4:
        return np.where(rng.random(n) < 0.6, 0.0, rng.normal(0, 1, n))
    if shape == 5:
        return rng.standard_cauchy(n) * 1e3
    return rng.lognormal(0, 3, n) * 1e-8


def binary(rng):
    n = int(rng.integers(2, 200))
    labels = rng.integers(0, 2, n)
    labels[0], labels[1] = 0, 1
    rng.shuffle(labels)
    scores = np.clip(rng.beta(1, 1, n) * 0.7 + 0.3 * labels * rng.random(), 0, 1)
    if rng.random() < 0.5:
        scores = np.round(scores, int(rng.integers(1, 3)))
    weights = rng.exponential(1, n) + 0.01 if rng.random() < 0.5 else None
    decided = (scores >= 0.5).astype(int)
    w = {"sample_weight": weights}
    zero = {"zero_division": np.nan, **w}
    total = np.ones(n) if weights is None else weights
    bins = np.minimum(9, np.floor(scores * 10)).astype(int)
    gap = sum(abs(np.sum((total * (scores - labels))[bins == b])) for b in range(10)) / total.sum()
    write(
        "binary",
        {"labels": labels, "scores": scores, "weights": weights},
        {
            "roc-auc": sk.roc_auc_score(labels, scores, **w),
            "average-precision": sk.average_precision_score(labels, scores, **w),
            "log-loss": sk.log_loss(labels, scores, **w),
            "brier": sk.brier_score_loss(labels, scores, **w),
            "calibration-error": gap,
            "accuracy": sk.accuracy_score(labels, decided, **w),
            "precision": sk.precision_score(labels, decided, **zero),
            "recall": sk.recall_score(labels, decided, **zero),
            "specificity": sk.recall_score(1 - labels, 1 - decided, **zero),
            "f1": sk.f1_score(labels, decided, **zero),
            "f0.5": sk.fbeta_score(labels, decided, beta=0.5, **zero),
            "f2": sk.fbeta_score(labels, decided, beta=2, **zero),
            "balanced-accuracy": sk.balanced_accuracy_score(labels, decided, **w),
            "matthews": sk.matthews_corrcoef(labels, decided, **w),
        },
    )


def regression(rng):
    n = int(rng.integers(2, 200))
    labels = np.abs(sample(rng, n))
    scores = np.abs(labels * (1 + rng.normal(0, 0.3, n)) + rng.normal(0, 0.1, n))
    weights = rng.exponential(1, n) + 0.01 if rng.random() < 0.5 else None
    w = {"sample_weight": weights}
    write(
        "regression",
        {"labels": labels, "scores": scores, "weights": weights},
        {
            "mae": sk.mean_absolute_error(labels, scores, **w),
            "mse": sk.mean_squared_error(labels, scores, **w),
            "rmse": sk.root_mean_squared_error(labels, scores, **w),
            "rmsle": sk.root_mean_squared_log_error(labels, scores, **w),
            "mape": sk.mean_absolute_percentage_error(labels, scores, **w),
            "pinball": sk.mean_pinball_loss(labels, scores, alpha=0.5, **w),
            "r2": sk.r2_score(labels, scores, **w) if len(np.unique(labels)) > 1 else np.nan,
            "max-error": sk.max_error(labels, scores),
            "bias": abs(np.average(scores - labels, weights=weights)),
        },
    )


def multiclass(rng):
    n, k = int(rng.integers(20, 150)), int(rng.integers(3, 6))
    labels = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    scores = rng.dirichlet(np.ones(k), n) + 0.4 * np.eye(k)[labels] * rng.random()
    scores /= scores.sum(axis=1, keepdims=True)
    decided = scores.argmax(axis=1)
    zero = {"zero_division": 0}
    write(
        "multiclass",
        {"labels": labels, "scores": scores.ravel(), "columns": k},
        {
            "accuracy": sk.accuracy_score(labels, decided),
            "balanced-accuracy": sk.balanced_accuracy_score(labels, decided),
            "precision-macro": sk.precision_score(labels, decided, average="macro", **zero),
            "recall-macro": sk.recall_score(labels, decided, average="macro", **zero),
            "f1-macro": sk.f1_score(labels, decided, average="macro", **zero),
            "f1-weighted": sk.f1_score(labels, decided, average="weighted", **zero),
            "matthews": sk.matthews_corrcoef(labels, decided),
            "cohen-kappa": sk.cohen_kappa_score(labels, decided),
            "log-loss": sk.log_loss(labels, scores, labels=np.arange(k)),
            "roc-auc-macro": sk.roc_auc_score(labels, scores, multi_class="ovr", average="macro"),
            "top-3-accuracy": sk.top_k_accuracy_score(labels, scores, k=3, labels=np.arange(k)),
        },
    )


def multilabel(rng):
    n, k = int(rng.integers(5, 80)), int(rng.integers(2, 6))
    labels = (rng.random((n, k)) < 0.4).astype(int)
    labels[0], labels[1] = 0, 1
    scores = np.round(np.clip(rng.random((n, k)) * 0.8 + 0.2 * labels, 0, 1), 2)
    decided = (scores >= 0.5).astype(int)
    zero = {"zero_division": 0}
    write(
        "multilabel",
        {"labels": labels.ravel(), "scores": scores.ravel(), "columns": k},
        {
            "f1-micro": sk.f1_score(labels, decided, average="micro", **zero),
            "f1-macro": sk.f1_score(labels, decided, average="macro", **zero),
            "hamming-loss": sk.hamming_loss(labels, decided),
            "subset-accuracy": sk.accuracy_score(labels, decided),
            "roc-auc-macro": sk.roc_auc_score(labels, scores, average="macro"),
            "average-precision-macro": sk.average_precision_score(labels, scores, average="macro"),
            "label-ranking-precision": sk.label_ranking_average_precision_score(labels, scores),
        },
    )


def ranking(rng):
    n = int(rng.integers(2, 40))
    relevance = rng.integers(0, 4, n)
    relevance[0] = 2
    scores = np.round(rng.random(n), int(rng.integers(1, 3)))
    k = int(rng.integers(1, n + 1))
    write("ranking", {"relevance": relevance, "scores": scores, "k": k}, {"ndcg": sk.ndcg_score([relevance], [scores], k=k)})


def samples(rng):
    """Two samples: the distances between their distributions."""
    n, m = int(rng.integers(1, 300)), int(rng.integers(1, 300))
    first = sample(rng, n)
    second = sample(rng, m) if rng.random() < 0.3 else rng.choice(first, m) * rng.choice([1, 1, 1.1])
    ks = stats.ks_2samp(first, second, method="asymp").statistic
    write(
        "samples",
        {"first": first, "second": second},
        {
            "ks": ks,
            "ks-p": special.kolmogorov(math.sqrt(n * m / (n + m)) * ks),
            "wasserstein": stats.wasserstein_distance(first, second),
        },
    )


def counts(rng):
    """Two samples' counts over the same bins."""
    k = int(rng.integers(2, 15))
    first = rng.multinomial(int(rng.integers(200, 5000)), rng.dirichlet(np.ones(k) * 2)) + 30
    second = rng.multinomial(int(rng.integers(200, 5000)), rng.dirichlet(np.ones(k) * 2)) + 30
    p, q = first / first.sum(), second / second.sum()
    test = stats.chi2_contingency([first, second], correction=False)
    write(
        "counts",
        {"first": first, "second": second},
        {
            "psi": np.sum((q - p) * np.log(q / p)),
            "jensen-shannon": jensenshannon(p, q, base=2),
            "total-variation": np.abs(p - q).sum() / 2,
            "chi-squared": test.statistic,
            "chi-squared-p": test.pvalue,
            "cramers-v": stats.contingency.association([first, second], method="cramer"),
        },
    )


def tails(rng):
    x, df = rng.exponential(20), int(rng.integers(1, 200))
    z, p = rng.normal() * 4, rng.random()
    n = int(rng.integers(1, 500))
    k, q = int(rng.integers(0, n + 1)), rng.random()
    write(
        "tails",
        {"x": x, "df": df, "z": z, "p": p, "k": k, "n": n, "q": q},
        {
            "chi2": stats.chi2.sf(x, df),
            "normal": stats.norm.sf(z),
            "quantile": stats.norm.ppf(p),
            "kolmogorov": special.kolmogorov(abs(z)),
            "binomial": stats.binom.cdf(k, n, q),
        },
    )


def discovery(rng):
    p = rng.random(int(rng.integers(1, 40))) ** rng.integers(1, 6)
    write("discovery", {"p": p}, {"adjusted": multipletests(p, method="fdr_bh")[1]})


def paired(rng):
    """Two models on the same rows: McNemar, and DeLong straight from its definition."""
    n = int(rng.integers(10, 120))
    labels = np.concatenate([[0, 0, 1, 1], rng.integers(0, 2, n - 4)])
    first = np.round(np.clip(rng.random(n) * 0.7 + 0.3 * labels, 0, 1), 2)
    second = np.round(np.clip(0.5 * first + 0.5 * rng.random(n), 0, 1), 2)
    right = [(s >= 0.5) == (labels == 1) for s in (first, second)]
    table = [[np.sum(right[0] & right[1]), np.sum(right[0] & ~right[1])], [np.sum(~right[0] & right[1]), np.sum(~right[0] & ~right[1])]]
    parts = []
    for s in (first, second):
        wins = (s[labels == 1][:, None] > s[labels == 0]) + 0.5 * (s[labels == 1][:, None] == s[labels == 0])
        parts.append((wins.mean(axis=1), wins.mean(axis=0)))
    ones, zeros = (parts[0][i] - parts[1][i] for i in (0, 1))
    error = math.sqrt(ones.var(ddof=1) / len(ones) + zeros.var(ddof=1) / len(zeros))
    write(
        "paired",
        {"labels": labels, "first": first, "second": second},
        {"mcnemar": mcnemar(table, exact=True).pvalue, "difference": ones.mean(), "error": error},
    )


def sizes(rng):
    first, second = rng.uniform(0.02, 0.9, 2)
    alpha, power = rng.uniform(0.01, 0.1), rng.uniform(0.6, 0.95)
    effect = proportion_effectsize(first, second)
    write(
        "sizes",
        {"first": first, "second": second, "alpha": alpha, "power": power},
        {"rows": NormalIndPower().solve_power(effect, alpha=alpha, power=power, alternative="two-sided")},
    )


def intervals(rng):
    """Wilson's interval of a share, and DeLong's of an AUC straight from its definition, on the logit scale with Welch's t."""
    n = int(rng.integers(60, 200))
    labels = np.concatenate([np.zeros(20, int), np.ones(20, int), rng.integers(0, 2, n - 40)])
    scores = np.round(np.clip(rng.random(n) * 0.7 + 0.3 * labels, 0, 1), 2)
    wins = (scores[labels == 1][:, None] > scores[labels == 0]) + 0.5 * (scores[labels == 1][:, None] == scores[labels == 0])
    auc = wins.mean()
    parts = [v.var(ddof=1) / len(v) for v in (wins.mean(axis=1), wins.mean(axis=0))]
    freedom = sum(parts) ** 2 / sum(v**2 / (m - 1) for v, m in zip(parts, wins.shape))
    reach = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts)) / (auc * (1 - auc))
    right = int(np.sum((scores >= 0.5) == (labels == 1)))
    wilson = proportion_confint(right, n, alpha=0.05, method="wilson")
    write(
        "intervals",
        {"labels": labels, "scores": scores},
        {
            "accuracy": wilson,
            "roc-auc": [special.expit(special.logit(auc) - reach), special.expit(special.logit(auc) + reach)],
        },
    )


def columns(rng):
    values = sample(rng, int(rng.integers(1, 400)))
    write(
        "columns",
        {"values": values},
        {
            "mean": values.mean(),
            "sum": math.fsum(values),
            "deviation": values.std(),
            "min": values.min(),
            "max": values.max(),
            "distinct": len(np.unique(values)),
            "quartiles": np.quantile(values, [0.25, 0.5, 0.75], method="inverted_cdf"),
        },
    )


KINDS = [binary, regression, multiclass, multilabel, ranking, samples, counts, tails, discovery, paired, sizes, intervals, columns]

if __name__ == "__main__":
    many, seed = int(sys.argv[1]), int(sys.argv[2])
    for kind in KINDS:
        rng = np.random.default_rng([seed, KINDS.index(kind)])
        for _ in range(many):
            kind(rng)
