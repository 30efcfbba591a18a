"""Who is told of what: every rule has its step and its words."""

from georeview import texts
from georeview.core.access import Action
from georeview.core.aside import ASIDE
from georeview.core.notices import RULES

COMPUTED = {"overdue", "due_soon", "permit_ending", "escalation_proposed"}


def test_every_rule_is_of_a_step_and_has_its_words() -> None:
    assert set(RULES) <= {action.value for action in Action} | {ASIDE}
    kinds = {rule.kind for rule in RULES.values()} | COMPUTED
    for lang in texts.LANGS:
        known = {k for k in texts.catalogue(lang) if k.startswith("notice.")}
        assert known == {f"notice.{kind}" for kind in kinds}
