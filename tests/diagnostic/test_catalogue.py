"""What may be needed and what may be listed: each name stands somewhere else too, and is the same there."""

from __future__ import annotations

import pytest

from pupitre.data.sheets import sheet
from pupitre.diagnostic.assumptions import Assumptions
from pupitre.diagnostic.catalogue import Item, equipment, items, quoted_prices, services
from pupitre.diagnostic.inventory import FAMILIES, TERMINAL_ITEMS
from pupitre.diagnostic.socle import RANGED
from pupitre.law.baremes import Law

THINGS = [*items().values(), *services().values()]
LEVELS = {"maternelle", "elementaire"}

each_thing = pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.key)
each_type = pytest.mark.parametrize("kind", equipment())


def test_a_town_hall_may_list_what_the_catalogue_knows() -> None:
    """The types of the sheet Équipements, in the same order."""
    assert list(equipment()) == list(sheet("equipements").column("type").choices)


def test_services_that_a_town_hall_tells_are_not_asked_again() -> None:
    """The services that a school may have already are choices of the sheet; the two others are people's time."""
    choices = sheet("services").column("service").choices

    assert [key for key in services() if key not in choices] == ["formation", "referent"]


def test_each_answer_that_sets_an_assumption_sets_one_that_exists() -> None:
    """A column of Finances names a field of Assumptions, and no two name the same."""
    named = [column.assumption for column in sheet("finances").columns if column.assumption]

    assert set(named) <= set(Assumptions.model_fields)
    assert len(set(named)) == len(named) >= 5


@each_thing
def test_a_price_is_known_or_asked_for(thing: Item, law: Law) -> None:
    """One or the other, never both: what law/ prices waits for no quote, what it does not price says what it is."""
    assert law.in_force(thing.price) != bool(thing.quote)
    assert thing.quote or law[thing.price] > 0
    assert (thing.price in quoted_prices()) == bool(thing.quote)


@each_thing
def test_an_account_is_one_of_law(thing: Item, law: Law) -> None:
    """A text of digits."""
    assert law.text(thing.account).isdigit()


@pytest.mark.parametrize("item", items().values(), ids=lambda item: item.key)
def test_an_item_lives_whole_years(item: Item, law: Law) -> None:
    """At least one: replacements are counted by year."""
    assert law[item.life] == int(law[item.life]) >= 1


def test_a_service_has_no_life() -> None:
    """It is paid by the year or once, and nobody takes it back."""
    assert {service.life for service in services().values()} == {""}


@each_thing
def test_a_gap_is_said_of_one_and_of_many(thing: Item) -> None:
    """« classe sans affichage collectif|classes sans affichage collectif », two different texts."""
    one, many = thing.gap.split("|")

    assert one.strip() == one != many == many.strip()


@each_thing
def test_each_line_says_what_it_is_meant_to_serve(thing: Item) -> None:
    """By level, in a sentence; what a maternelle gets is said of maternelle."""
    assert thing.uses
    assert set(thing.uses) <= LEVELS
    assert all(text.endswith(".") for text in thing.uses.values())
    assert ("maternelle" in thing.key) <= (set(thing.uses) == {"maternelle"})


@each_thing
def test_a_unit_is_counted_for_something(thing: Item) -> None:
    """A class or a school."""
    assert thing.per in ("classe", "ecole")


def test_what_a_school_has_once_is_counted_by_school() -> None:
    """The others by class: an own target is multiplied by one or by the other."""
    once = ["poste_direction", "imprimante", "affichage_maternelle", "poste_direction_maternelle"]

    assert [item.key for item in items().values() if item.per == "ecole"] == once


def test_a_lessor_takes_back_all_but_cables() -> None:
    """And cables alone need no upkeep."""
    assert [item.key for item in items().values() if not item.leasable] == ["prise_reseau", "prise_mobile"]
    assert [item.key for item in items().values() if not item.maintained] == ["prise_reseau", "prise_mobile"]


@each_type
def test_a_type_stands_for_items_that_exist(kind: str, law: Law) -> None:
    """With a life of its own, in a family that is counted or in « autre »."""
    assert set(equipment()[kind].serves) <= set(items())
    assert law[equipment()[kind].life] >= 1
    assert equipment()[kind].family in (*FAMILIES, "autre")


def test_what_no_type_stands_for() -> None:
    """Only sockets: they are told in the sheet Réseau."""
    served = {key for kind in equipment().values() for key in kind.serves}

    assert set(items()) - served == {"prise_reseau", "prise_mobile"}


@pytest.mark.parametrize(
    ("kind", "serves"),
    [
        ("videoprojecteur_mobile", ("affichage_maternelle",)),  # the socle asks for a fixed one in each class
        ("fixe_eleve", ()),  # neither mobile nor the teacher's
        ("tablette", ("tablette", "appareil_mobile")),  # tablets first where tablets are asked for
        ("portable_eleve", ("appareil_mobile",)),
    ],
)
def test_what_some_types_stand_for(kind: str, serves: tuple[str, ...]) -> None:
    """Choices that change a programme."""
    assert tuple(equipment()[kind].serves) == serves


def test_an_untaxed_line_is_a_person_s_time() -> None:
    """The référent, and nothing that is sold."""
    assert [thing.key for thing in THINGS if thing.untaxed] == ["referent"]


def test_names_used_by_the_rooms_exist() -> None:
    """Those of terminals, and of what has a range."""
    assert set(TERMINAL_ITEMS) | set(RANGED) <= set(items())
