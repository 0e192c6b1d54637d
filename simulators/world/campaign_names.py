"""Names of a campaign's people, as a voter file has them: in many scripts, some of them long.

One in four is written with letters that take two or three bytes, so that whatever cuts a text by
bytes, or knows Latin letters only, meets such a name soon. Namesakes occur,
as they do among people.
"""

from __future__ import annotations

PLAIN_GIVEN = (
    "Aaron", "Alice", "Amara", "Amy", "Angela", "Anthony", "Barbara", "Brian", "Carlos", "Carol",
    "Charles", "Cynthia", "Daniel", "David", "Deborah", "Dennis", "Donna", "Dorothy", "Edward",
    "Elizabeth", "Emily", "Eric", "Frank", "Gloria", "Grace", "Harold", "Helen", "Ivan", "James",
    "Janet", "Jason", "Jennifer", "Jesse", "Joan", "Joseph", "Joyce", "Karen", "Keisha", "Kevin",
    "Larry", "Laura", "Linda", "Luis", "Malik", "Margaret", "Maria", "Mark", "Martha", "Michael",
    "Nancy", "Naomi", "Omar", "Patricia", "Paul", "Priya", "Rachel", "Ralph", "Rebecca", "Robert",
    "Rosa", "Ruth", "Samuel", "Sandra", "Sharon", "Steven", "Susan", "Tamika", "Teresa", "Thomas",
    "Tyrone", "Victor", "Walter", "William", "Yolanda",
)  # fmt: skip
PLAIN_FAMILY = (
    "Adams", "Alexander", "Allen", "Anderson", "Baker", "Bailey", "Bell", "Brooks", "Brown",
    "Campbell", "Carter", "Chavez", "Clark", "Collins", "Cook", "Cruz", "Davis", "de la Cruz",
    "Diaz", "Edwards", "Evans", "Flores", "Foster", "Garcia", "Gonzalez", "Green", "Hall",
    "Harris", "Hernandez", "Hill", "Jackson", "James", "Johnson", "Jones", "Kelly", "Kim", "King",
    "Lee", "Lewis", "Lopez", "Martin", "Martinez", "Miller", "Mitchell", "Moore", "Morgan",
    "Murphy", "Nelson", "O'Brien", "O'Connor", "Okafor", "Ortiz", "Parker", "Patel", "Perez",
    "Phillips", "Ramirez", "Reed", "Rivera", "Roberts", "Robinson", "Rodriguez", "Sanders", "Scott",
    "Smith", "Smith-Jones", "Taylor", "Thomas", "Torres", "Turner", "Walker", "White", "Williams",
    "Wilson", "Wright", "Young",
)  # fmt: skip
OTHER_GIVEN = (
    "José", "María", "Zoë", "François", "Søren", "Łukasz", "Jürgen", "Núria", "İpek", "Đức",
    "Bích Ngọc", "Thị Hồng Nhung", "Ойла", "Мария", "Αθηνά", "فاطمة", "עדינה", "美咲", "志明",
    "민준", "प्रिया", "ɔdɔ", "Kealiʻiokalani", "Maëlle-Anaïs",
)  # fmt: skip
OTHER_FAMILY = (
    "Nguyễn", "Trần", "Núñez", "Peña", "Dvořák", "Müller", "Gümüşoğlu", "Łukaszewski", "Sørensen",
    "Ångström", "Éluard-Lefèvre", "Ковальчук", "Παπαδοπούλου", "الحسيني", "כהן", "田中", "陳", "김",
    "शर्मा", "Kahananui-Fernández", "Ọláyínká-Adébáyọ̀",
)  # fmt: skip
OTHERS = 0.25
"""Share of given names, and of family names, that are not plain. Assumed."""
