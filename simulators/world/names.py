"""Names of counties and precincts: plausible, and apart from Iowa's counties invented.

Names hang on positions only, never on the seed. No name is that of a person.
"""

from __future__ import annotations

IOWA_COUNTIES = tuple(
    """Polk,Linn,Scott,Johnson,Black Hawk,Woodbury,Dubuque,Story,Dallas,Pottawattamie,Warren,
Clinton,Cerro Gordo,Marshall,Muscatine,Des Moines,Jasper,Webster,Sioux,Lee,Wapello,Marion,Boone,
Benton,Plymouth,Bremer,Mahaska,Washington,Jones,Winneshiek,Buena Vista,Carroll,Buchanan,Fayette,
Henry,Cedar,Jackson,Delaware,Dickinson,Poweshiek,Hardin,Tama,Clay,Crawford,Iowa,Hamilton,Floyd,
Page,Butler,Madison,Jefferson,Mills,Allamakee,Clayton,Kossuth,O'Brien,Cass,Grundy,Harrison,
Appanoose,Humboldt,Mitchell,Shelby,Union,Hancock,Cherokee,Guthrie,Louisa,Winnebago,Wright,
Franklin,Sac,Chickasaw,Emmet,Lyon,Palo Alto,Howard,Calhoun,Lucas,Montgomery,Greene,Keokuk,Davis,
Monroe,Ida,Clarke,Decatur,Worth,Monona,Pocahontas,Fremont,Adair,Van Buren,Taylor,Wayne,Osceola,
Ringgold,Audubon,Adams""".replace("\n", "").split(",")
)
"""The 99 counties of Iowa, about in order of population, the largest first."""

# fmt: off
_STEMS = (
    "Alder", "Amber", "Ash", "Bay", "Birch", "Blue", "Bluff", "Brook", "Cedar", "Clear", "Cotton",
    "Crane", "Deer", "Eagle", "Elk", "Elm", "Fair", "Fern", "Flint", "Fox", "Glen", "Grand",
    "Green", "Hazel", "Heron", "High", "Hill", "Iron", "Lake", "Lark", "Linden", "Long", "Maple",
    "Meadow", "Mill", "North", "Oak", "Otter", "Pheasant", "Pine", "Plum", "Prairie", "Quail",
    "Red", "River", "Rock", "Rose", "Sand", "Spring", "Stone", "Sumac", "Swift", "Thorn",
    "Timber", "Walnut", "West", "White", "Wild", "Willow", "Wind",
)
_ENDINGS = (
    "ton", "field", "ville", "brook", "ford", "wood", "dale", "port", "view", "burg", "haven",
    "land", "mont", "ridge",
)
_TOWNSHIPS = (
    "Liberty", "Union", "Prairie", "Fairview", "Pleasant", "Spring", "Cedar", "Grove", "Richland",
    "Eden", "Highland", "Concord", "Harmony", "Center", "Walnut", "Buffalo", "Rock", "Creek",
    "Summit", "Fertile", "Sheridan", "Eureka", "Valley", "Orange", "Garden", "Hickory", "Lake",
    "Maple", "River", "Oak", "Silver", "Star", "Sugar", "Timber", "Western", "Elm", "Eagle",
    "Bluff", "Freedom", "Providence", "Amity", "Banner", "Belmont", "Canoe", "Clay", "Dover",
    "Exeter", "Geneva", "Hazel", "Independence", "Ivy", "Linden", "Magnolia", "Newport", "Osage",
    "Palmyra", "Rome", "Salem", "Troy", "Utica", "Vienna", "Windsor", "York",
)
# fmt: on


def county_name(state: str, county: int) -> str:
    """Name of a county by its place in order of size.

    Example:
        >>> county_name("IA", 0), county_name("NV", 0), county_name("NV", 60)
        ('Polk', 'Alder County', 'Alder County 2')
    """
    if state == "IA" and county < len(IOWA_COUNTIES):
        return IOWA_COUNTIES[county]
    again, at = divmod(county, len(_STEMS))
    return f"{_STEMS[at]} County" + (f" {again + 1}" if again else "")


def precinct_name(county: int, place: int, places: int) -> str:
    """Name of a precinct; no two in a county are alike.

    The first half of a county's precincts are wards of its seat, the others townships, alone
    and then in pairs as small ones caucus together.

    Args:
        county: Place of the county in order of size.
        place: Position within the county, from 0.
        places: Precincts in the county.

    Example:
        >>> precinct_name(0, 2, 177), precinct_name(7, 20, 40)
        ('Alderton 3', 'Walnut')
    """
    wards = places // 2
    if place < wards or place - wards >= len(_TOWNSHIPS) ** 2:
        return f"{_town(county)} {place + 1}"
    township = (place - wards + 2 * county) % len(_TOWNSHIPS)
    pair = (place - wards) // len(_TOWNSHIPS)
    if not pair:
        return _TOWNSHIPS[township]
    partner = _TOWNSHIPS[(township + pair) % len(_TOWNSHIPS)]
    return f"{_TOWNSHIPS[township]}-{partner}"


def satellite_name(pool: str, place: int) -> str:
    """Name of a satellite site by its pool and its position there.

    Example:
        >>> satellite_name("CD2", 0)
        'CD2 Satellite 1: Alder Hall'
    """
    hall = _STEMS[(place * 7) % len(_STEMS)]
    return f"{pool} Satellite {place + 1}: {hall} Hall"


def _town(county: int) -> str:
    again, at = divmod(county, len(_STEMS) * len(_ENDINGS))
    stem = _STEMS[at % len(_STEMS)]
    # Stepping the ending with every round of the stems makes each pair come once.
    ending = _ENDINGS[(at + at // len(_STEMS)) % len(_ENDINGS)]
    return stem + ending + (f" {again + 1}" if again else "")
