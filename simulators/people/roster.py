"""The roster: everybody with an account, drawn many at a time, column by column.

Ages are those of poll workers (Pew from EAVS 2018), smartphones by age those of Pew 2021, iOS to
Android 59 to 40, Spanish at home 4.0 % (ACS 2021): simulators/data/SOURCES.md S9.
Synthetic by construction: ``example.org`` and 555-0100 to 555-0199.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulators.people.cast import Cast
from simulators.people.draws import many
from simulators.people.names import draw_names
from simulators.people.person import Person
from simulators.people.personas import Persona

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

AGE_BANDS = ((0.42, 25, 60), (0.31, 61, 70), (0.27, 71, 85))  # share, from, to
SMARTPHONES = ((30, 0.96), (50, 0.95), (65, 0.83), (200, 0.61))  # below this age: share
FLIP_OF_OTHERS = 0.29 / 0.39  # 65 and older, of those without a smartphone
IOS = 0.59 / 0.99
SPANISH = 0.04
AREA_CODES = ("319", "515", "563", "641", "712")
DEVICES = ("ios", "android", "flip", "none")
NETWORKS = ("good", "weak")
LANGUAGES = ("en", "es")
_TEXTS = pl.List(pl.String)


@dataclass(frozen=True)
class Roster:
    """People of one role, in columns of equal length; row r is one person.

    ``index`` is the position in the plan. Devices, networks and languages are positions in
    :data:`DEVICES`, :data:`NETWORKS` and :data:`LANGUAGES`. ``codes`` has one row a person; each
    code is written with at least ``code_digits`` digits. ``personas`` play some of the rows.
    """

    role: str
    index: Numbers
    keys: list[str]
    records: list[str]
    first_names: list[str]
    last_names: list[str]
    phones: list[str]
    ages: Numbers
    devices: Numbers
    networks: Numbers
    languages: Numbers
    trained: Flags
    ready: Flags
    codes: Numbers
    patience: NDArray[np.float64]
    tries: int
    code_digits: int = 1
    personas: Mapping[int, Persona] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many people there are."""
        return len(self.keys)

    def person(self, row: int) -> Person:
        """One person of the roster."""
        persona = self.personas.get(row)
        return Person(
            index=int(self.index[row]),
            role=self.role,
            key=self.keys[row],
            record=self.records[row],
            name=f"{self.first_names[row]} {self.last_names[row]}",
            email=self._email(row),
            phone=self.phones[row],
            codes=self._codes(row),
            age=int(self.ages[row]),
            device=DEVICES[self.devices[row]],
            network=NETWORKS[self.networks[row]],
            language=LANGUAGES[self.languages[row]],
            trained=bool(self.trained[row]),
            app_ready=bool(self.ready[row]),
            patience=float(self.patience[row]),
            tries=self.tries if persona is None else int(persona.tries.value),
            persona="" if persona is None else persona.name,
        )

    def __iter__(self) -> Iterator[Person]:
        """Everybody, row by row."""
        return map(self.person, range(len(self)))

    def played_by(self, personas: Mapping[int, Persona]) -> Roster:
        """The same people, some rows of them as old, trained and patient as a persona is."""
        if not personas:
            return self
        ages, languages = self.ages.copy(), self.languages.copy()
        trained, patience = self.trained.copy(), self.patience.copy()
        for row, persona in personas.items():
            ages[row], languages[row] = persona.age, LANGUAGES.index(persona.language)
            trained[row] = persona.training != "none"
            patience[row] = persona.patience_seconds.value
        return replace(
            self, ages=ages, languages=languages, trained=trained, patience=patience,
            personas=personas,
        )  # fmt: skip

    def _codes(self, row: int) -> tuple[str, ...]:
        return tuple(f"{code:0{self.code_digits}d}" for code in self.codes[row].tolist())

    def _email(self, row: int) -> str:
        # The key makes the address unique: names are not.
        name = f"{self.first_names[row]}.{self.last_names[row]}.{self.keys[row]}"
        return f"{name.lower()}@example.org"

    def table(self) -> pl.DataFrame:
        """The roster as a table, one row a person; columns as ``truth/people.parquet``."""
        everybody = range(len(self))
        codes = pl.Series("codes", [list(self._codes(row)) for row in everybody], _TEXTS)
        return pl.DataFrame(
            {
                "who": pl.Series(self.index, dtype=pl.UInt32),
                "role": pl.Series([self.role] * len(self), dtype=pl.String),
                "key": pl.Series(self.keys, dtype=pl.String),
                "record": pl.Series(self.records, dtype=pl.String),
                "name": [
                    f"{a} {b}" for a, b in zip(self.first_names, self.last_names, strict=True)
                ],
                "email": [self._email(row) for row in everybody],
                "phone": pl.Series(self.phones, dtype=pl.String),
                "age": pl.Series(self.ages, dtype=pl.UInt8),
                "device": _named(DEVICES, self.devices),
                "network": _named(NETWORKS, self.networks),
                "language": _named(LANGUAGES, self.languages),
                "trained": self.trained,
                "app_ready": self.ready,
                "codes": codes,
            },
            schema_overrides={"name": pl.String, "email": pl.String},
        )


def _named(names: tuple[str, ...], positions: Numbers) -> pl.Series:
    return pl.Series([names[position] for position in positions.tolist()], dtype=pl.String)


def draw_roster(
    seed: int,
    cast: Cast,
    role: str,
    *,
    accounts: Numbers,
    index: Numbers,
    keys: list[str],
    records: list[str],
    trained: Flags,
    ready: Flags,
    codes: Numbers,
    code_digits: int = 1,
) -> Roster:
    """Draw people of one role.

    Args:
        seed: With the role and the account, it decides everything about a person but what is
            handed in here.
        cast: Patience and tries, and how common weak networks are.
        role: ``chair``, ``poll_watcher`` or ``operator``.
        accounts: Account numbers, from 0: the same account is the same person whichever others
            are drawn. Shape (n,), as all that follow.
        index: Positions in the plan.
        keys: Names in the ledger.
        records: Records they answer for, or empty.
        trained: Who had training with the app.
        ready: For whom the app works; they carry a smartphone.
        codes: True sign-in codes, one row a person.
        code_digits: Digits that each code is written with, at least.
    """
    count = int(accounts.max()) + 1 if len(accounts) else 0
    first_names, last_names = draw_names(seed, role, count)
    ages = _ages(seed, role, count)[accounts]
    rows = accounts.tolist()
    patience = many(seed, role, "patience").standard_normal(count)[accounts]
    middle = cast.persistence.patience_wall_seconds
    return Roster(
        role=role,
        index=index,
        keys=keys,
        records=records,
        first_names=[first_names[row] for row in rows],
        last_names=[last_names[row] for row in rows],
        phones=_phones(seed, role, count, accounts),
        ages=ages,
        devices=_devices(many(seed, role, "devices").random((count, 3))[accounts], ages, ready),
        networks=_chosen(seed, role, "networks", count, accounts, cast.weak_network),
        languages=_chosen(seed, role, "languages", count, accounts, SPANISH),
        trained=trained,
        ready=ready,
        codes=codes,
        # Log-normal with sigma .4 (SOURCES.md S8), within half and double the median.
        patience=np.clip(middle * np.exp(0.4 * patience), middle / 2, middle * 2),
        tries=cast.persistence.tries,
        code_digits=code_digits,
    )


def _ages(seed: int, role: str, count: int) -> Numbers:
    draws = many(seed, role, "ages").random((count, 2))
    shares = np.cumsum([share for share, _, _ in AGE_BANDS])
    band = np.minimum(np.searchsorted(shares, draws[:, 0], "right"), len(AGE_BANDS) - 1)
    low = np.array([each[1] for each in AGE_BANDS])[band]
    high = np.array([each[2] for each in AGE_BANDS])[band]
    return np.asarray(low + draws[:, 1] * (high + 1 - low), dtype=np.int64)


def _devices(draws: NDArray[np.float64], ages: Numbers, ready: Flags) -> Numbers:
    """Positions in :data:`DEVICES`; whoever the app works for has a smartphone."""
    band = np.searchsorted([age for age, _ in SMARTPHONES], ages, "right")
    smart = ready | (draws[:, 0] < np.array([share for _, share in SMARTPHONES])[band])
    smartphone = np.where(draws[:, 1] < IOS, 0, 1)
    other = np.where(draws[:, 2] < FLIP_OF_OTHERS, 2, 3)
    return np.where(smart, smartphone, other).astype(np.int64)


def _phones(seed: int, role: str, count: int, accounts: Numbers) -> list[str]:
    draws = many(seed, role, "phones").integers(100 * len(AREA_CODES), size=count)[accounts]
    return [f"{AREA_CODES[n // 100]}-555-01{n % 100:02d}" for n in draws.tolist()]


def _chosen(
    seed: int, role: str, what: str, count: int, accounts: Numbers, share: float
) -> Numbers:
    return (many(seed, role, what).random(count)[accounts] < share).astype(np.int64)
