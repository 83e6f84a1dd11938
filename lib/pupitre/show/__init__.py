"""What the notebooks show: one call, one piece of page."""

from pupitre.show.annexe import show_baremes, show_overrides, show_sources
from pupitre.show.cap import (
    show_before_vote,
    show_calendar,
    show_cap,
    show_documents,
    show_governance,
    show_indicators,
    show_maturity,
    show_objectives,
    show_orientation,
    show_priorities,
    show_to_fill,
    show_voices,
    show_vote,
)
from pupitre.show.charte import show_charter
from pupitre.show.diagnostic import show_fibre, show_ips, show_niveau_vie, show_schools, show_socle
from pupitre.show.evaluation import (
    show_budget,
    show_deliveries,
    show_done,
    show_evaluation,
    show_followed,
    show_footprint,
    show_limits,
    show_opinions,
    show_participation,
    show_perimeter,
    show_planned,
    show_quotations,
    show_returns,
)
from pupitre.show.financement import (
    show_cash,
    show_comparables,
    show_debt,
    show_effort,
    show_law,
    show_mix,
    show_payers,
    show_plans,
    show_programme,
    show_risk,
)
from pupitre.show.inventaire import show_ages, show_coverage, show_ecosystem, show_gaps, show_lines, show_usages
from pupitre.show.programme import (
    show_conditions,
    show_quotes,
    show_steps,
    show_upkeep,
    show_uses,
    show_wifi,
    show_years,
)
from pupitre.show.public import (
    show_benefits,
    show_proposal,
    show_public_figures,
    show_public_objectives,
    show_public_opinions,
    show_public_years,
)
from pupitre.show.questions import show_questions
from pupitre.show.synthese import show_advice, show_cost, show_identity, show_key_figures, show_measured, show_unknown
