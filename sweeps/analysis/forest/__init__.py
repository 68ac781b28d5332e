"""What a random forest of the trials says of the hyperparameters, exactly from its leaves.

`trees.py` grows the forest, once for all questions; `anova.py` has its means and variances over boxes.
"""

from sweeps.analysis.forest.ablation import Ablation, ablation
from sweeps.analysis.forest.effects import Effects, effects
from sweeps.analysis.forest.importance import Importance, importance

__all__ = ["Ablation", "Effects", "Importance", "ablation", "effects", "importance"]
