"""Keras, whose `fit` owns the loop: a callback reports, keeps the model and stops in time.

Run it with `KERAS_BACKEND=torch python examples/keras_callback.py`, or with tensorflow or jax.
"""

import keras

import sweeps
from sweeps.integrations.keras import Report

SPACE = {"rate": sweeps.LogUniform(1e-4, 0.1), "units": sweeps.LogIntUniform(16, 128)}


def train(config, run):
    data = run.data
    keras.utils.set_random_seed(run.seed + run.start)
    layers = [keras.layers.Dense(config["units"], "relu"), keras.layers.Dense(10)]
    model = keras.Sequential([keras.Input((64,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(config["rate"]), loss, metrics=["accuracy"])
    model.fit(
        data.x_train,
        data.y_train,
        validation_data=(data.x_validation, data.y_validation),
        initial_epoch=run.start,
        epochs=run.epochs,
        callbacks=[Report(run)],
        verbose=0,
    )


if __name__ == "__main__":
    print(sweeps.run(train, space=SPACE, data="digits", trials=16, epochs=9).best)
