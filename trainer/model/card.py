"""The model card that is saved beside a model: what it is, on what it was trained, how good it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trainer.config import MLPConfig
from trainer.convolution import CNNConfig
from trainer.errors import shortened

if TYPE_CHECKING:
    from trainer.model.model import Model

_ERROR = "test_error"
_MOST = 40  # columns and classes that are listed


def model_card(model: Model) -> str:
    """In Markdown, for people.

    model.about may have, each of them or none:
        name: of the sweep. data: the form they were loaded from. rows: by split.
        metrics: of this very model, measured when it was saved.
        schedule: the configs that it was trained with, where these are several, each from its epoch on.
        refit: whether validation data were trained on, too.
        seeds, mean, spread: the winner's metrics over fresh seeds.
        baselines: the metrics of simpler models, by name. origin: where the model comes from, by name.
    """
    about = model.about
    lines = [f"# {about.get('name', 'A model')}", "", _what(model), ""]
    lines += _section("Trained on", _data(model, about))
    lines += _section("How good it is", _metrics(model, about))
    lines += _section("Where it comes from", (f"- {key}: {_cell(x)}" for key, x in _origin(about)))
    lines += _section("How to use it", _use(model))
    lines += _section("Limits", _limits(model))
    return "\n".join(lines)


def _section(title: str, lines: Iterator[str]) -> list[str]:
    found = [*lines]
    return [f"## {title}", "", *found, ""] if found else []


def _what(model: Model) -> str:
    count = len(model.networks)
    config = model.networks[0].config
    shapes = dict.fromkeys(_shape(network.config) for network in model.networks)
    name = "convolutional network" if isinstance(config, CNNConfig) else "multilayer perceptron"
    kind = f"A {name}" if count == 1 else f"An ensemble of {count} {name}s"
    gives = "averaged " if count > 1 else ""
    predicts = (
        f"{gives}probabilities of {len(model.classes)} classes" if model.classes else f"{gives}quantities"
    )
    return f"{kind} with {'; '.join(shapes)}, which gives {predicts}."


def _shape(config: MLPConfig) -> str:
    layers = f"hidden layers of {', '.join(map(str, config.hidden))} units" if config.hidden else "no layers"
    if isinstance(config, CNNConfig):
        stages = f"{config.stages} stages of {config.channels} channels and more"
        layers = f"{stages}{f', {layers}' if config.hidden else ''}"
    return f"{layers} ({config.activation})"


def _data(model: Model, about: Mapping[str, Any]) -> Iterator[str]:
    if "data" in about:
        yield f"- data: {_cell(about['data'])}"
    if "rows" in about:
        yield "- rows: " + ", ".join(f"{n:,} {split}" for split, n in about["rows"].items())
    if "schedule" in about:
        parts = about["schedule"]
        yield f"- by a schedule of {len(parts)} configs, the last from epoch {parts[-1]['epoch']} on"
    if model.preprocessing.target_name is not None:
        yield f"- target: {_cell(model.preprocessing.target_name)}"
    if model.classes:
        yield f"- classes, in order: {_cell(shortened(model.classes, most=_MOST))}"
    if model.columns:
        yield f"- columns: {_cell(shortened(model.columns, most=_MOST))}"


def _metrics(model: Model, about: Mapping[str, Any]) -> Iterator[str]:
    own, mean, spread = (about.get(key, {}) for key in ("metrics", "mean", "spread"))
    if not own and not mean:
        return
    seeds = about.get("seeds", 0)
    over = f"mean over {seeds} fresh seeds" if seeds else ""
    yield f"| | this model | {over} |" if over else "| | this model |"
    yield "|---|---|---|" if over else "|---|---|"
    for name in own:
        of_seeds = f"{mean[name]:.4g}" if name in mean else ""
        of_seeds += f" ± {spread[name]:.2g}" if name in spread else ""
        yield f"| {_cell(name)} | {own[name]:.4g} |" + (f" {of_seeds} |" if over else "")
    yield ""
    yield from _baselines(about.get("baselines", {}))
    if about.get("refit"):
        yield "It was trained on training and validation data together; test data chose and trained nothing."
    else:
        yield "Validation data chose this model and its epoch: val_ figures flatter. Test data chose nothing."


def _baselines(known: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """What is easily had on the same test data."""
    found = [f"{name} {metrics[_ERROR]:.4g}" for name, metrics in known.items() if _ERROR in metrics]
    if found:
        yield f"Baselines, {_cell(_ERROR)}: {_cell(', '.join(found))}."
        yield ""


def _origin(about: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(str(key), value) for key, value in about.get("origin", {}).items() if value is not None]


def _use(model: Model) -> Iterator[str]:
    yield "```python"
    yield "import trainer"
    yield ""
    yield 'model = trainer.load_model("this folder")'
    yield 'model.predict("new.csv")  # or a DataFrame, or an array: raw rows, as in training'
    if model.classes:
        yield 'model.predict_proba("new.csv")  # a column per class, in the order above'
    yield "```"


def _limits(model: Model) -> Iterator[str]:
    yield "- It knows rows like those it was trained on, and says nothing where others differ from them."
    if model.classes:
        yield "- It gives every row one of its classes, also one that belongs to none."
        yield "- Its probabilities are not calibrated."
    else:
        yield "- Far from the quantities that it was trained on, it extrapolates."


def _cell(value: Any) -> str:
    """A value as text that is no markup, on one line."""
    text = " ".join(str(value).split())
    return "".join(f"\\{letter}" if letter in "\\`*_|<>[]#" else letter for letter in text)
