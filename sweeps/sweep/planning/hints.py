"""Hints before a sweep starts: what is allowed and yet looks like a slip, a line each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sweeps.errors import shown
from sweeps.schedulers.population import PBT, settings_of
from sweeps.space import Choice, Config, Distribution, Fixed, Numeric, Space, Uniform, Unsaid
from sweeps.spec import ObjectiveRule, SweepSpec
from sweeps.trial import Mode

_DECADE = 10 * (1 + 1e-9)  # more than one, rounding aside
_FEW_UPDATES = 10  # an epoch; running averages of batch norm look back about as far


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SCORES = _words_of("""
    acc accuracy ap auc aucpr aupr auprc auroc bleu dice f1 f2 iou jaccard kappa map mcc meteor miou mrr
    ndcg precision psnr r2 recall rouge sensitivity specificity ssim
""")
_LOSSES = _words_of("""
    brier cer crossentropy deviance err error fid loss logloss mae mape mse msle nll perplexity ppl rmse
    rmsle smape wer
""")
# They may follow the word that says what a metric is: loss/val, f1_macro, r2_score, error_rate.
_FURTHER = _words_of("""
    average avg best dev epoch eval final holdout last macro mean median micro rate score test top total
    train training val valid validation weighted
""")
_TURNED = _words_of("neg negative minus inverse inv one")  # neg_mean_squared_error: more is better
# What is made of a learning rate, but is none.
_OF_A_RATE = _words_of("""
    decay drop exponent factor fraction gamma mult multiplier patience power ratio scale schedule warmup
""")


def hints(spec: SweepSpec, space: Space, data: Any = None, metrics: Sequence[str] = ()) -> tuple[str, ...]:
    """What a user should look at again, in the order of a spec.

    Args:
        spec: the sweep.
        space: its space.
        data: what the trainable gets. Of its attributes, `hints` are passed on, and `x_train` is counted.
        metrics: the names that the trainable says it reports, if it does.
    """
    said = getattr(data, "hints", ())
    of_data = (
        [f"data: {text}" for text in said if isinstance(text, str)] if isinstance(said, tuple | list) else []
    )
    return (
        *of_data,
        *_of_metric(spec.metric, spec.mode, metrics),
        *_of_objective(spec.objective, spec.epochs),
        *_of_population(spec),
        *_of_ranges(space),
        *_of_batches(space, data),
    )


def usual_mode(metric: str) -> Mode | None:
    """Whether less or more is better of a metric that is named like this; None where its name says nothing.

    >>> usual_mode("val/Accuracy"), usual_mode("f1_macro"), usual_mode("testRMSE"), usual_mode("latency")
    ('max', 'max', 'min', None)
    """
    words = [word for word in _words(metric) if not word.isdecimal()]  # precision@5
    while words and words[-1] in _FURTHER:
        last = words.pop()
        if last == "score" and not set(words) - _FURTHER:
            return "max"
    if not words or _TURNED & set(words):
        return None
    return "max" if words[-1] in _SCORES else "min" if words[-1] in _LOSSES else None


def _words(name: str) -> list[str]:
    """A name's words in small letters, whatever separates them.

    >>> _words("val/top-5.Acc"), _words("valRocAUC"), _words("mAP_50")
    (['val', 'top', '5', 'acc'], ['val', 'roc', 'auc'], ['map', '50'])
    """
    one_word = name.replace("mAP", "map").replace("IoU", "iou")
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", one_word)
    return re.findall(r"[^\W_]+", apart.lower())


def _of_metric(metric: str, mode: Mode, metrics: Sequence[str]) -> Iterator[str]:
    words = _words(metric)
    if "test" in (words[:1] + words[-1:]):
        on_validation = re.sub("test", "val", metric, flags=re.IGNORECASE)
        instead = on_validation if on_validation in metrics else "a metric of the validation data"
        yield f"metric: {metric} chooses by the test data, which then flatter the best; choose by {instead}?"
    usual = usual_mode(metric)
    if usual is not None and usual != mode:
        yield f"metric: {metric} with mode: {mode}; is it mode: {usual}?"


def _of_objective(rule: ObjectiveRule, epochs: int) -> Iterator[str]:
    if rule.k > epochs:
        of = f"the mean of all {epochs} epochs" if epochs > 1 else "the value of the only epoch"
        yield f"objective: mean_of_last: {rule.k} is {of}, for a trial has no more"


def _of_population(spec: SweepSpec) -> Iterator[str]:
    """A population that compares nobody is a random search."""
    if spec.scheduler.partition(":")[0] != PBT:
        return
    if spec.trials < 2:
        yield f"trials: {spec.trials} is a population of one, which nobody is compared with; write trials: 16"
    interval = settings_of(spec.scheduler).interval(spec.epochs)
    if interval >= spec.epochs:
        ends = f"and the last ends at {spec.epochs}, so nobody is ever compared"
        how = f"pbt:{spec.epochs // 6 or 1}" if spec.epochs > 1 else "more epochs"
        yield f"scheduler: {spec.scheduler} compares members from epoch {interval} on, {ends}; write {how}"


def _of_ranges(space: Space) -> Iterator[str]:
    for name, distribution in space.distributions.items():
        if isinstance(distribution, Uniform):
            yield from _of_rate(name, distribution)
            yield from _of_momentum(name, distribution)


def _of_rate(name: str, linear: Uniform) -> Iterator[str]:
    low, high = linear.low, linear.high
    over_a_decade = low > 0 and high / low > _DECADE
    # An alpha from 0 on is a share more often than a rate.
    if low < 0 or not _is_rate(name) or not (over_a_decade or (low == 0 and _words(name) != ["alpha"])):
        return
    above = high / 10
    share = (high - above) / (high - low)
    fix = f"log: [{low:g}, {high:g}]" if low else f"log: [{high / 1e4:g}, {high:g}], which cannot begin at 0"
    drawn = f"draws {share:.0%} of its values above {above:g}"
    yield f"space.{name}: uniform: [{low:g}, {high:g}] {drawn}; is it {fix}?"


def _of_momentum(name: str, linear: Uniform) -> Iterator[str]:
    low, high = linear.low, linear.high
    if not _is_momentum(name) or low < 0 or high >= 1 or (1 - low) / (1 - high) <= _DECADE:
        return
    below = 1 - 10 * (1 - high)
    drawn = f"draws {(below - low) / (high - low):.0%} of its values below {below:g}"
    yield f"space.{name}: uniform: [{low:g}, {high:g}] {drawn}; is it reverse_log: [{low:g}, {high:g}]?"


def _is_rate(name: str) -> bool:
    words = _words(name)
    if _OF_A_RATE & set(words):
        return False
    pairs = set(pairwise(words))
    return (
        bool({"lr", "learningrate"} & set(words))
        or ("learning", "rate") in pairs
        or words in (["alpha"], ["eta"])
    )


def _is_momentum(name: str) -> bool:
    words = _words(name)
    if {"bn", "norm", "batchnorm"} & set(words):
        return False
    return "momentum" in words or any(re.fullmatch(r"(beta|β)\d?", word) for word in words)


def _of_batches(space: Space, data: Any) -> Iterator[str]:
    examples, batch = _count(getattr(data, "x_train", None)), _largest(space.distributions.get("batch_size"))
    if examples is None or batch is None:
        return
    if batch >= examples:
        yield f"space.batch_size: {batch:g} takes all {examples} training examples in one update an epoch"
    updates = -(-examples // max(int(batch), 1))
    if updates < _FEW_UPDATES and _may_be_on(space.distributions.get("batch_norm")):
        yield (
            f"space.batch_norm: with batch_size {batch:g} an epoch has {updates} update{'s'[: updates != 1]},"
            " too few for the running averages that predictions use; take smaller batches?"
        )


def hints_of_earlier(space: Space, configs: Sequence[Config]) -> Iterator[str]:
    """Why trials of a sweep that was changed tell its search nothing, where hyperparameters are new.

    Args:
        space: What is searched now.
        configs: Of the trials, with the values that they had before as far as those were said.
    """
    for name, distribution in space.distributions.items():
        form = json.dumps(distribution.to_yaml(), default=str)
        lacking = sum(name not in config and distribution.holds(config) for config in configs)
        if lacking:
            trials = f"{lacking} trial{'s'[: lacking != 1]} trained without it"
            how = f"--set space.{name}.before=…"
            if isinstance(distribution, Fixed):
                how = f"--set 'space.{name}={{fixed: {form}, before: …}}'"
            yield f"space.{name}: {trials} tell the search nothing; to say which value they had: {how}"
        elif not isinstance(distribution.before, Unsaid) and distribution.before not in distribution:
            value = shown(distribution.before)
            why = f"{value} is no value of {form}"
            yield f"space.{name}.before: {why}, so earlier trials tell the search nothing"


def _count(examples: Any) -> int | None:
    return len(examples) if hasattr(examples, "__len__") else None


def _largest(distribution: Distribution | None) -> float | None:
    values = _values(distribution)
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return max(numbers, default=None)


def _may_be_on(distribution: Distribution | None) -> bool:
    return any(value is True for value in _values(distribution))


def _values(distribution: Distribution | None) -> Sequence[Any]:
    """What a hyperparameter may be; of a range, its upper end."""
    if isinstance(distribution, Choice):
        return list(distribution.values)
    if isinstance(distribution, Numeric):
        return [distribution.high]
    return [distribution.value] if isinstance(distribution, Fixed) else []
