"""Images are mirrored and moved in training as draws of their epoch and place say, and only then."""

import numpy as np
import torch

from trainer.backends import backend_for
from trainer.convolution.augment import Augmentation

BACKEND = backend_for("torch-cpu")


def augmented(flip, shift, epoch=0, first=0, m=200):
    """Images of one bright pixel at (2, 1) of 7 × 6, and where it then is: (image, channel, row, column)."""
    x = torch.zeros(m, 2, 7, 6)
    x[:, :, 2, 1] = 1
    augment = Augmentation(flip, shift, 3, BACKEND)
    augment.load([epoch], 500)
    return np.argwhere(augment(x, epoch, first).numpy() > 0)


def test_without_it_images_are_as_they_were():
    x = torch.rand(3, 1, 4, 4)
    assert Augmentation(False, 0, 0, BACKEND)(x, 0, 0) is x


def test_about_half_are_mirrored():
    places = augmented(flip=True, shift=0)
    assert set(map(tuple, places[:, 2:])) == {(2, 1), (2, 4)}
    mirrored = np.mean(places[::2, 3] == 4)
    assert 0.35 < mirrored < 0.65


def test_each_move_of_up_to_so_many_pixels_is_there_and_the_edge_is_zero():
    places = augmented(flip=False, shift=2)
    moves = {(row - 2, column - 1) for row, column in places[:, 2:]}
    assert moves == {(down, right) for down in range(-2, 3) for right in range(-1, 3)}
    images = np.unique(places[:, 0])
    assert len(images) < 200  # of the others the pixel has left to the left, and nothing came in


def test_a_draw_belongs_to_epoch_and_place():
    whole = augmented(True, 1, epoch=4, first=0, m=200)
    part = augmented(True, 1, epoch=4, first=150, m=50)
    late = whole[whole[:, 0] >= 150]
    assert np.array_equal(late[:, 1:], part[:, 1:])
    assert not np.array_equal(whole, augmented(True, 1, epoch=5))
