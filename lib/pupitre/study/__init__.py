"""The study of one commune: everything computed, its named figures, and the sentences of the first page."""

from pupitre.study.study import Study, compute_study, load_study

__all__ = ["Study", "compute_study", "load_study"]
