"""The no-op trainable as Ray Tune wants it for its actor reuse: a class."""

from __future__ import annotations

from ray import tune


class TuneNoop(tune.Trainable):
    """Reports a row a step and trains nothing."""

    def setup(self, config: dict[str, float]) -> None:
        self.x = config["x"]

    def step(self) -> dict[str, float]:
        return {"val_loss": self.x / (self.iteration + 1)}

    def reset_config(self, new_config: dict[str, float]) -> bool:
        self.x = new_config["x"]
        return True

    def save_checkpoint(self, checkpoint_dir: str) -> None: ...

    def load_checkpoint(self, checkpoint: object) -> None: ...
