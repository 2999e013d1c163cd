"""Pick an account, a region or an engine."""

from __future__ import annotations

from lambdatui.dashboard.dialogs.picker import Choice, Picker
from lambdatui.service import TargetSpec, places


def place_picker(
    current: TargetSpec, title: str = "Target", *, throw_away: bool = True
) -> Picker[TargetSpec]:
    """All the places there are; a region that is not known can be typed. Without ``throw_away`` nothing that
    would be made only to be looked at."""

    def choice(place: places.Place) -> Choice[TargetSpec]:
        return Choice(place.title, place.hint, place.spec)

    def typed(text: str) -> Choice[TargetSpec] | None:
        offered = places.is_region(text) and (throw_away or not current.demo)
        return choice(places.in_region(current, text)) if offered else None

    choices = [choice(place) for place in places.places(current) if throw_away or not place.spec.demo]
    return Picker(title, choices, hint="a profile, an engine or a region", typed=typed)
