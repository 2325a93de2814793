"""What commands say of a store that cannot be used, in Spanish and English."""

from __future__ import annotations

from typing import Final

from pipelines.outputs.labels import Words, say
from pipelines.store.places.base import UnreachedError, Why

BAD_STORE: Final = Words("--store: {detail}", "--store: {detail}")

STORE: Final[dict[Why, Words]] = {
    Why.BUSY: Words(
        "Otros procesos siguen escribiendo en el almacén (--store). Intente de nuevo cuando terminen.",
        "Other processes keep writing to the store (--store). Try again when they ended.",
    ),
    Why.NO_BUCKET: Words(
        "No existe el bucket del almacén (--store). Revise su nombre y AWS_ENDPOINT_URL.",
        "There is no such bucket as the store (--store) names. Look at its name and at AWS_ENDPOINT_URL.",
    ),
    Why.NO_CONDITIONS: Words(
        "El almacén (--store) no cumple las condiciones de escritura If-None-Match e If-Match, y no se guardó nada en "
        "él. Use un servidor que las cumpla (docs/operations.md).",
        "The store (--store) does not keep to the conditions If-None-Match and If-Match of a put, and nothing was kept "
        "there. Use a server that does (docs/operations.md).",
    ),
    Why.NO_CREDENTIALS: Words(
        "No hay credenciales para el almacén (--store). Defina AWS_ACCESS_KEY_ID y AWS_SECRET_ACCESS_KEY, o un perfil.",
        "There are no credentials for the store (--store). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a "
        "profile.",
    ),
    Why.REFUSED: Words(
        "El almacén (--store) rechaza las credenciales. Necesitan permiso de listar el bucket y de leer y escribir sus "
        "objetos.",
        "The store (--store) refuses the credentials. They need the right to list the bucket, and to get and put its "
        "objects.",
    ),
    Why.UNANSWERED: Words(
        "El almacén (--store) no responde; lo publicado antes sigue vigente. Revise AWS_ENDPOINT_URL y la red.",
        "The store (--store) does not answer; what was published stands. Look at AWS_ENDPOINT_URL and the network.",
    ),
}


def in_words(error: str, language: str) -> str:
    """The text of an error as a person is told it: of the store in both languages, of anything else as it is."""
    said = next((words for why, words in STORE.items() if error == str(UnreachedError(why))), None)
    return say(said, language) if said else error
