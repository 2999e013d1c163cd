"""The config file: one TOML file, checked key by key; what is wrong is said with file, line and the nearest
name that would be right."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lambdatui import paths
from lambdatui.model.brokers import mistake as brokers_mistake
from lambdatui.model.rules import Rule

TEMPLATE = """\
# Settings of lambdatui. Every line is optional; `lambdatui config validate` checks this file.

# The theme of the dashboard: one that comes with it, or a file in the folder themes beside this one.
# theme = "dark"

# Profiles and accounts whose dashboards are painted red, as patterns.
# production = ["*-prod", "123456789012"]

# More about accounts: a table for each pattern of profile names or account numbers. Where several match,
# the more careful one counts.
# [accounts."*-prod"]
# production = true     # painted red
# read-only = true      # nothing is changed or invoked there
# type-name = true      # what is deleted there is confirmed by typing its name
# [accounts."*-dev"]
# ask-first = false     # the first change there needs no question

# Other keys for what the dashboard can do: the id of the action as the help (?) shows it, then one key or
# several with commas between them.
[keys]
# invoke = "i"
# filter = "slash,f3"

# MSK clusters of mappings, and the Kafka brokers that stand for them on this machine.
[kafka]
# "arn:aws:kafka:us-east-1:000000000000:cluster/name/id" = "localhost:9092"
"""


_SETTINGS = ("theme", "production", "accounts", "keys", "kafka")
_OF_ACCOUNTS = ("production", "read-only", "type-name", "ask-first")


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says."""

    theme: str | None = None
    rules: tuple[Rule, ...] = ()  # what holds for which profiles and accounts
    keys: Mapping[str, str] = field(default_factory=dict)
    kafka: Mapping[str, str] = field(default_factory=dict)  # brokers by the ARN of a cluster


WrongKeys = Callable[[Mapping[str, str]], Iterable[tuple[str, str]]]
"""Says which actions have a key that cannot be theirs, and why."""


class ConfigError(Exception):
    """Something in the file is wrong; the text says where and what would be right."""


def path() -> Path:
    """Where the file is, whether or not it exists."""
    return paths.config_dir() / "config.toml"


def load(
    file: Path | None = None,
    *,
    key_ids: Collection[str] | None = None,
    themes: Collection[str] | None = None,
    wrong_keys: WrongKeys | None = None,
) -> Config:
    """Read and check the file; one that is not there says nothing. The names that actions and themes have,
    and the keys, are checked by who knows them."""
    file = path() if file is None else file
    try:
        text = file.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: {error}") from None
    found = _Checker(file, text)
    config = found.config(raw, key_ids, themes)
    if wrong_keys is not None:
        found.keys(wrong_keys(config.keys))
    return config


def create(file: Path | None = None) -> Path:
    """Write a file with every setting explained; one that exists is left alone (FileExistsError)."""
    file = path() if file is None else file
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(TEMPLATE)
    return file


class _Checker:
    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._text = text

    def config(
        self, raw: dict[str, Any], key_ids: Collection[str] | None, themes: Collection[str] | None
    ) -> Config:
        self._names(raw, _SETTINGS, "setting")
        theme = raw.get("theme")
        if theme is not None:
            self._text_at("theme", theme)
            self._known("theme", theme, themes, "theme")
        production = raw.get("production", [])
        if not isinstance(production, list):
            raise self._error("production", 'must be a list of patterns: ["*-prod"]')
        for pattern in production:
            self._text_at("production", pattern)
        keys = raw.get("keys", {})
        if not isinstance(keys, dict):
            raise self._error("keys", 'must be a table: [keys], then lines such as invoke = "i"')
        self._names(keys, key_ids, "action")
        for name, value in keys.items():
            self._text_at(name, value)
            if not all(part.strip() for part in value.split(",")):
                raise self._error(name, f"{value!r} names no key; write one, or several with commas between")
        rules = [Rule(pattern, production=True, writes_allowed=False) for pattern in production]
        rules += self._accounts(raw.get("accounts", {}))
        return Config(theme, tuple(rules), keys, self._clusters(raw.get("kafka", {})))

    def keys(self, wrong: Iterable[tuple[str, str]]) -> None:
        """Complain of the first wrong key."""
        for name, problem in wrong:
            raise self._error(name, problem)

    def _clusters(self, clusters: object) -> dict[str, str]:
        if not isinstance(clusters, dict):
            raise self._error("kafka", 'must be a table: [kafka], then lines such as "ARN" = "host:9092"')
        for arn, brokers in clusters.items():
            self._text_at(arn, brokers)
            if (wrong := brokers_mistake(arn, brokers)) is not None:
                raise self._error(arn, wrong)
        return clusters

    def _accounts(self, accounts: object) -> Iterator[Rule]:
        if not isinstance(accounts, dict):
            raise self._error("accounts", 'must be tables: [accounts."*-prod"]')
        for pattern, table in accounts.items():
            if not isinstance(table, dict):
                raise self._error(pattern, f'must be a table: [accounts."{pattern}"]')
            self._names(table, _OF_ACCOUNTS, "setting of accounts")
            for name, value in table.items():
                if not isinstance(value, bool):
                    raise self._error(name, f"must be true or false, not {value!r}")
            yield Rule(
                pattern,
                production=table.get("production", False),
                read_only=table.get("read-only", False),
                type_name=table.get("type-name", False),
                writes_allowed=not table.get("ask-first", True),
            )

    def _names(self, table: Mapping[str, Any], known: Collection[str] | None, what: str) -> None:
        for name in table:
            self._known(name, name, known, what)

    def _known(self, key: str, name: str, known: Collection[str] | None, what: str) -> None:
        if known is None or name in known:
            return
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(known))}"
        raise self._error(key, f"no {what} is called {name!r}; {hint}")

    def _text_at(self, key: str, value: object) -> None:
        if not isinstance(value, str):
            raise self._error(key, f"must be text in quotes, not {value!r}")

    def _error(self, key: str, problem: str) -> ConfigError:
        pattern = re.compile(rf"\s*(?:\[\s*)?[\"']?{re.escape(key)}[\"']?\s*[\]=.]")
        for number, line in enumerate(self._text.splitlines(), 1):
            if pattern.match(line):
                return ConfigError(f"{self._file}, line {number}, {key}: {problem}")
        return ConfigError(f"{self._file}, {key}: {problem}")
