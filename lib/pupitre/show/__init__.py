"""What the notebooks show: one call, one piece of page."""

from pupitre.show.annexe import show_baremes, show_overrides, show_sources
from pupitre.show.diagnostic import show_fibre, show_ips, show_niveau_vie, show_schools, show_socle
from pupitre.show.financement import (
    show_cash,
    show_effort,
    show_payers,
    show_plans,
    show_programme,
)
from pupitre.show.synthese import show_advice, show_cost, show_identity, show_key_figures, show_unknown

__all__ = [
    "show_advice",
    "show_baremes",
    "show_cash",
    "show_cost",
    "show_effort",
    "show_fibre",
    "show_identity",
    "show_ips",
    "show_key_figures",
    "show_niveau_vie",
    "show_overrides",
    "show_payers",
    "show_plans",
    "show_programme",
    "show_schools",
    "show_socle",
    "show_sources",
    "show_unknown",
]
