"""The config of a multilayer perceptron."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from trainer.config.hyperparameters import RULES, read
from trainer.config.layers import take_hidden, take_keep
from trainer.errors import ConfigError
from trainer.layers.activation import ACTIVATIONS

_ADAPTIVE = ("adam", "adamw")  # correct the bias of their averages unless told not to


@dataclass(frozen=True)
class MLPConfig:
    """What one model is trained with; a hyperparameter that nothing has a use for is ignored.

    learning_rate: α₀. schedule: how α falls from it (trainer.schedules), by `decay` (inverse_time),
        `decay_base` (exponential, step), `decay_k` (inverse_sqrt_epoch, inverse_sqrt_step),
        `decay_period` in epochs (step) and `decay_horizon` in epochs (cosine, which needs it).
        warmup: epochs over which α first rises.
    optimizer: see trainer.optimizers. momentum: β of momentum, classical_momentum and nesterov.
        beta1, beta2, epsilon: of adam and adamw; rmsprop takes beta2 and epsilon. bias_correction:
        of their averages; by default for adam and adamw alone.
    clip_norm: the longest gradient; None for no limit.
    l1, l2: λ₁ and λ₂, as in `trainer.stack.penalties`. weight_decay: decoupled, of the weights, with any
        optimizer; by default 0.01 for adamw, else 0.
    keep: the probabilities of dropout to keep a unit, in (0, 1]: of the input, then of each hidden
        layer; None keeps all. `parse` takes them as `keep_probability`, of every hidden layer, and
        `keep_probability_0` (the input), `keep_probability_1`, … for single layers.
    patience: epochs without a better validation loss after which training ends; None for never.
    number_bins: of the piecewise-linear encoding of each feature that has three values or more
        (trainer.data.bins); 0 for none. Images have none.
    hidden: the units of each hidden layer; () for none. `parse` also takes `hidden_units`, the
        units of every hidden layer (64), with `hidden_layers`, how many there are (1).
    batch_norm: of every hidden layer. batch_norm_beta: β of its running statistics.
        batch_norm_correction: of their bias, so that they are the average of what there was from the
        first epoch on; torch does without.
    skip: whether each hidden layer but the first adds what it was given to what it puts out (He et al.,
        2016); hidden layers must be of one width then.
    head: softmax, logistic or linear; by default as the data ask for.
    label_smoothing: ε. Of the probability that is learned for an example, ε is spread evenly over all
        classes (Szegedy et al., 2016, section 7). Losses are reported without it; quantities have none.
    weight_average: β, near 1. Where it is above 0, evaluated and saved is not the network of the last
        update, but an exponentially weighted average of those of all updates, corrected for its start.
    initialisation: `parse` takes he for relus and glorot for others if it is not given.
        initial_scale: the standard deviation of the initialisation "normal".
    replica: which of the draws of weights and dropout; data come in the same order for all.
    Raises `ConfigError` on a value that cannot be trained with.
    """

    learning_rate: float = 1e-3
    schedule: str = "inverse_time"
    decay: float = 0.0
    decay_base: float = 0.95
    decay_k: float = 1.0
    decay_period: float = 10.0
    decay_horizon: float | None = None
    warmup: float = 0.0
    optimizer: str = "adam"
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    bias_correction: bool | None = None
    clip_norm: float | None = None
    l1: float = 0.0
    l2: float = 0.0
    weight_decay: float | None = None
    keep: tuple[float, ...] | None = None
    patience: int | None = None
    number_bins: int = 0
    hidden: tuple[int, ...] = (64,)
    activation: str = "relu"
    batch_norm: bool = False
    batch_norm_beta: float = 0.9
    batch_norm_epsilon: float = 1e-5
    batch_norm_correction: bool = True
    skip: bool = False
    head: str | None = None
    initialisation: str = "he"
    initial_scale: float = 0.01
    label_smoothing: float = 0.0
    weight_average: float = 0.0
    replica: int = 0
    batch_size: int = 32
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in RULES and not (value is None and field.default is None):
                object.__setattr__(self, field.name, RULES[field.name](field.name, value))
        self._fill_in()
        self._check_together()

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> MLPConfig:
        """The config a sweep drew or a user wrote. Raises `ConfigError` where it cannot be trained."""
        given = read(config, RULES)
        hidden = take_hidden(given)
        keep = take_keep(given, len(hidden))
        activation = ACTIVATIONS[given.get("activation", cls.activation)]
        return cls(**{"initialisation": activation.initialisation, **given, "hidden": hidden, "keep": keep})

    @property
    def pack_key(self) -> tuple[Any, ...]:
        """What the models of a stack have in common; configs of one key may share a stack.

        Hidden widths may differ where a unit without inputs stays silent; all that is a number, the
        schedule and the initialisation may differ anyway.
        """
        padded = ACTIVATIONS[self.activation].zero_at_zero
        widths = len(self.hidden) if padded else self.hidden
        return (
            self.optimizer,
            self.number_bins,
            widths,
            self.activation,
            self.batch_norm,
            self.skip,
            self.averages,
            self.head,
            self.batch_size,
            self.dtype,
        )

    @property
    def penalised(self) -> bool:
        """Whether its cost is more than its loss."""
        return self.l1 > 0 or self.l2 > 0

    @property
    def averages(self) -> bool:
        """Whether a running average of the network is kept beside it."""
        return self.weight_average > 0

    def _fill_in(self) -> None:
        defaults = {
            "bias_correction": self.optimizer in _ADAPTIVE,
            "weight_decay": 0.01 if self.optimizer == "adamw" else 0.0,
            "keep": (1.0,) * (len(self.hidden) + 1),
        }
        for name, value in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)

    def _check_together(self) -> None:
        if self.schedule == "cosine" and self.decay_horizon is None:
            rule = "must be given with schedule: cosine"
            raise ConfigError("decay_horizon", None, rule, "write decay_horizon: the epochs of the sweep")
        if self.batch_norm and self.batch_size < 2:
            rule = "is too small for batch_norm, which needs the variance within a batch"
            raise ConfigError("batch_size", self.batch_size, rule, "choose 2 or more, or batch_norm: false")
        self._check_skip()
        keep = self.keep or ()
        if len(keep) != len(self.hidden) + 1:
            rule = f"must have {len(self.hidden) + 1} entries: the input and each hidden layer"
            raise ConfigError("keep", keep, rule, "or give keep_probability to `parse`")
        for layer, probability in enumerate(keep):
            RULES["keep_probability"](f"keep_probability_{layer}", probability)

    def _check_skip(self) -> None:
        if self.skip and len(set(self.hidden)) > 1:
            rule = f"adds a hidden layer's inputs to its outputs, and hidden is {list(self.hidden)}"
            raise ConfigError("skip", self.skip, rule, "choose layers of one width, or skip: false")
