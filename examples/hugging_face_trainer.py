"""The Trainer of Hugging Face's transformers, on a tiny model that is made on the spot.

Run it with `python examples/hugging_face_trainer.py`.
"""

import torch
from transformers import PrinterCallback, Trainer, TrainingArguments, logging

import sweeps
from sweeps.integrations.transformers import Report, checkpoint

SPACE = {"learning_rate": sweeps.LogUniform(1e-4, 0.1)}
EACH_EPOCH = {"eval_strategy": "epoch", "save_strategy": "epoch", "save_total_limit": 1}
QUIET = {"disable_tqdm": True, "report_to": "none", "logging_strategy": "no", "dataloader_pin_memory": False}


class Net(torch.nn.Sequential):
    def forward(self, x, labels):
        logits = super().forward(x)
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


def train(config, run):
    data, told = run.data, {"seed": run.seed, "lr_scheduler_type": "constant", **config}
    trainer = Trainer(
        Net(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)),
        TrainingArguments(run.folder, num_train_epochs=run.epochs, **EACH_EPOCH, **QUIET, **told),
        train_dataset=[{"x": x, "labels": y} for x, y in zip(data.x_train, data.y_train)],
        eval_dataset=[{"x": x, "labels": y} for x, y in zip(data.x_validation, data.y_validation)],
        callbacks=[Report(run)],
    )
    logging.set_verbosity_error()
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=checkpoint(run))


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", metric="eval_loss", trials=8, epochs=3).best)
