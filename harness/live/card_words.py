"""What practice cards say, in the languages of volunteers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CardWords:
    """The words of a card in one language; ``{}`` is filled in.

    Attributes:
        codes: What the sign-in codes are called, in the order in which they are typed.
        groups: Names of lines of the worksheet that are no person's.
    """

    language: str
    banner: str
    title: str
    card_code: str
    yours_alone: str
    open_page: str
    scan_or_type: str
    sign_in: str
    at: str
    codes: tuple[str, ...]
    another_code: str
    report: str
    as_they_stand: str
    crossed_out: str
    say_sent: str
    questions: str
    stuck: str
    call: str
    worksheet: str
    precinct: str
    county: str
    attendance: str
    group: str
    first: str
    final: str
    delegates: str
    groups: dict[str, str]
    invented: str
    correction: str
    qr: str


ENGLISH = CardWords(
    language="en",
    banner="PRACTICE – not a real result",
    title="Your practice card",
    card_code="Card code",
    yours_alone="This card is for you alone. Nobody else has the same numbers.",
    open_page="Open your own page",
    scan_or_type="Point your phone’s camera at the square. Or go to the address below and type "
    "your card code there. Read the notice, and agree if you want to take part.",
    sign_in="Sign in to the app",
    at="at",
    codes=("Precinct ID", "PIN", "Security code"),
    another_code="Code {}",
    report="Report the worksheet",
    as_they_stand="Copy the numbers below into the app as they stand, and send them.",
    crossed_out="Where a number is crossed out, the one beside it counts.",
    say_sent="Go back to your page",
    questions="Say there that you have sent it, and answer ten short questions.",
    stuck="Stuck?",
    call="Do what you would do on the night: call {}, or press “I need help” on your page.",
    worksheet="Precinct worksheet",
    precinct="Precinct",
    county="County",
    attendance="People attending",
    group="Preference group",
    first="First alignment",
    final="Final alignment",
    delegates="County delegates awarded",
    groups={"other": "Other", "uncommitted": "Uncommitted"},
    invented="Everything on this sheet was made up by a program: the place, the people and the "
    "numbers.",
    correction="crossed out",
    qr="Square code that opens your own page",
)

SPANISH = CardWords(
    language="es",
    banner="PRÁCTICA – no es un resultado real",
    title="Su tarjeta de práctica",
    card_code="Código de la tarjeta",
    yours_alone="Esta tarjeta es solo para usted. Nadie más tiene los mismos números.",
    open_page="Abra su propia página",
    scan_or_type="Apunte la cámara del teléfono al cuadro. O vaya a la dirección de abajo y "
    "escriba ahí el código de su tarjeta. Lea el aviso y, si quiere participar, acepte.",
    sign_in="Inicie sesión en la aplicación",
    at="en",
    codes=("Número del precinto", "PIN", "Código de seguridad"),
    another_code="Código {}",
    report="Reporte la hoja",
    as_they_stand="Copie en la aplicación los números de abajo tal como están y envíelos.",
    crossed_out="Si un número está tachado, vale el que está al lado.",
    say_sent="Regrese a su página",
    questions="Diga ahí que ya lo envió y conteste diez preguntas cortas.",
    stuck="¿No puede seguir?",
    call="Haga lo que haría esa noche: llame al {} o presione “Necesito ayuda” en su página.",
    worksheet="Hoja del precinto",
    precinct="Precinto",
    county="Condado",
    attendance="Personas presentes",
    group="Grupo de preferencia",
    first="Primera alineación",
    final="Alineación final",
    delegates="Delegados del condado otorgados",
    groups={"other": "Otros", "uncommitted": "No comprometido"},
    invented="Todo lo que está en esta hoja lo inventó un programa: el lugar, las personas y los "
    "números.",
    correction="tachado",
    qr="Código cuadrado que abre su propia página",
)

FRENCH = CardWords(
    language="fr",
    banner="EXERCICE – ce n’est pas un vrai résultat",
    title="Votre carte d’exercice",
    card_code="Code de la carte",
    yours_alone="Cette carte est pour vous seul·e. Personne d’autre n’a les mêmes nombres.",
    open_page="Ouvrez votre page",
    scan_or_type="Visez le carré avec l’appareil photo du téléphone. Ou allez à l’adresse "
    "ci-dessous et tapez-y le code de la carte. Lisez l’avis et acceptez-le si vous voulez "
    "participer.",
    sign_in="Connectez-vous à l’application",
    at="à l’adresse",
    codes=("Precinct ID (bureau)", "PIN", "Security code (sécurité)"),
    another_code="Code {}",
    report="Transmettez la feuille",
    as_they_stand="Recopiez dans l’application les nombres ci-dessous tels quels, et envoyez-les.",
    crossed_out="Si un nombre est barré, c’est celui d’à côté qui compte.",
    say_sent="Revenez à votre page",
    questions="Dites-y que vous avez envoyé la feuille et répondez à dix questions courtes.",
    stuck="Bloqué·e ?",
    call="Faites comme le soir venu : appelez le {} ou touchez « J’ai besoin d’aide » sur votre "
    "page.",
    worksheet="Feuille du bureau",
    precinct="Bureau",
    county="Comté",
    attendance="Personnes présentes",
    group="Groupe de préférence",
    first="Premier alignement",
    final="Alignement final",
    delegates="Délégués du comté attribués",
    groups={"other": "Autres", "uncommitted": "Non engagés"},
    invented="Tout ce qui figure sur cette feuille a été inventé par un programme : le lieu, les "
    "personnes et les nombres.",
    correction="barré",
    qr="Code carré qui ouvre votre page",
)

WORDS = {each.language: each for each in (ENGLISH, SPANISH, FRENCH)}
