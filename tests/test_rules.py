"""Rules about accounts: who is meant, and what counts when several are."""

from __future__ import annotations

from lambdatui.model.rules import Rule, rule_for

PROD = Rule("*-prod", production=True, type_name=True)
DEV = Rule("*-dev", writes_allowed=True)
NUMBER = Rule("123456789012", read_only=True)
RULES = (PROD, DEV, NUMBER)


def test_profiles_and_account_numbers_are_matched() -> None:
    assert rule_for(RULES, "shop-prod", "1") == Rule(production=True, type_name=True)
    assert rule_for(RULES, "shop-dev", "1") == Rule(writes_allowed=True)
    assert rule_for(RULES, None, "123456789012") == Rule(read_only=True)
    assert rule_for(RULES, "other", "1") == Rule()


def test_the_more_careful_rule_counts() -> None:
    assert rule_for((Rule("*", writes_allowed=True), *RULES), "a-prod", "123456789012") == Rule(
        production=True, read_only=True, type_name=True
    )
