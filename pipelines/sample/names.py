"""Pools of names, places and trades the made-up people are drawn from. No real person stands behind a combination."""

from __future__ import annotations

import unicodedata

WOMEN = (
    "JUANA", "GUADALUPE", "BEGOÑA", "ROSA", "LETICIA", "VERÓNICA", "SOFÍA", "XIMENA", "ITZEL", "MARÍA ELENA",
    "ARACELI", "NOEMÍ", "ÍNGRID", "LUCÍA", "YOLANDA", "BRENDA", "TERESA", "MARÍA DOLORES", "ÚRSULA", "CONCEPCIÓN",
)  # fmt: skip
MEN = (
    "PEDRO", "JOSÉ LUIS", "RAMÓN", "ÓSCAR", "ÍÑIGO", "MARTÍN", "HÉCTOR", "TOMÁS", "EFRAÍN", "URIEL",
    "JOSÉ ÁNGEL", "VÍCTOR", "ADRIÁN", "CÉSAR", "NICOLÁS", "GERARDO", "RUBÉN", "ISAÍAS", "SAÚL", "FIDEL",
)  # fmt: skip
GIVEN = WOMEN + MEN
SURNAMES = (
    "PEÑA", "MUÑOZ", "NÚÑEZ", "YÁÑEZ", "ZÚÑIGA", "CASTAÑEDA", "IBÁÑEZ", "ÑUÑO", "ÁVILA", "GARCÍA", "LÓPEZ", "PÉREZ",
    "RAMÍREZ", "HERNÁNDEZ", "GUTIÉRREZ", "ORTEGA", "BAUTISTA", "CAUICH", "XOOL", "TZEC", "VÁZQUEZ", "ÁLVAREZ",
    "SALDAÑA", "MAGAÑA", "TREVIÑO", "BRISEÑO", "OCHOA", "ESCOBEDO", "IÑIGUEZ", "ARREOLA", "CORTÉS", "FIGUEROA",
    "JUÁREZ", "KANTÚN", "LEDEZMA", "MEJÍA", "QUIÑONES", "ROMERO", "TÉLLEZ", "URIBE",
)  # fmt: skip
PLACES = (
    ("MICHOACÁN", "ZAMORA", "59600"),
    ("JALISCO", "TEPATITLÁN", "47600"),
    ("CIUDAD DE MÉXICO", "IZTAPALAPA", "09000"),
    ("OAXACA", "TLAXIACO", "69800"),
    ("PUEBLA", "IZÚCAR DE MATAMOROS", "74400"),
    ("GUANAJUATO", "DOLORES HIDALGO", "37800"),
    ("ZACATECAS", "JEREZ", "99300"),
)
TRADES = ("JORNALERA", "COCINERO", "ALBAÑIL", "CUIDADORA", "JARDINERO", "COSTURERA, A DOMICILIO", 'AYUDANTE "DE TODO"')
CLINICS = ("UMF 001", "UMF 007", "UMF 023", "UMF 036", "UMF 052", "UMF 080", "UMF 141")
ENTITIES = ("MN", "JC", "DF", "OC", "PL", "GT", "ZS", "GR", "VZ", "MC", "HG", "NE")
# Four letters RENAPO does not let stand at the head of a CURP: the second becomes X.
UNFIT_HEADS = (
    "BACA", "BAKA", "BUEI", "BUEY", "CACA", "CACO", "CAGA", "CAGO", "CAKA", "CAKO", "COGE", "COGI", "COJA", "COJE",
    "COJI", "COJO", "COLA", "CULO", "FALO", "FETO", "GETA", "GUEI", "GUEY", "JETA", "JOTO", "KACA", "KACO", "KAGA",
    "KAGO", "KAKA", "KAKO", "KOGE", "KOGI", "KOJA", "KOJE", "KOJI", "KOJO", "KOLA", "KULO", "LILO", "LOCA", "LOCO",
    "LOKA", "LOKO", "MAME", "MAMO", "MEAR", "MEAS", "MEON", "MIAR", "MION", "MOCO", "MOKO", "MULA", "MULO", "NACA",
    "NACO", "PEDA", "PEDO", "PENE", "PIPI", "PITO", "POPO", "PUTA", "PUTO", "QULO", "RATA", "ROBA", "ROBE", "ROBO",
    "RUIN", "SENO", "TETA", "VACA", "VAGA", "VAGO", "VAKA", "VUEI", "VUEY", "WUEI", "WUEY",
)  # fmt: skip
_LIGHT = ("MARIA ", "JOSE ")  # a first given name that CURP passes over when another follows


def folded(name: str) -> str:
    """Name without accents, `Ñ` as `X`, as CURP reads it."""
    marks = unicodedata.normalize("NFD", name.replace("Ñ", "X"))
    return "".join(mark for mark in marks if mark.isalpha() or mark == " ")


def _read(name: str) -> str:
    plain = folded(name)
    return next((plain.removeprefix(light) for light in _LIGHT if plain.startswith(light)), plain)


def initial(name: str) -> str:
    """First letter of a name, as CURP reads it."""
    return _read(name)[0]


def inner_vowel(name: str) -> str:
    """First vowel after the initial, `X` where there is none."""
    return next((letter for letter in _read(name)[1:] if letter in "AEIOU"), "X")


def inner_consonant(name: str) -> str:
    """First consonant after the initial, `X` where there is none."""
    return next((letter for letter in _read(name)[1:] if letter.isalpha() and letter not in "AEIOU"), "X")
