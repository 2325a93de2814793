"""Where an object store is and who asks it, from the usual AWS settings: environment, profiles, roles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import botocore.configprovider
import botocore.exceptions
import botocore.session

from pipelines.store.places.base import UnreachedError, Why

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from obstore.store import S3Credential

_ELSEWHERE: Final = "us-east-1"
"""The region to sign for where none is set: servers other than Amazon's take any."""

_FRESH: Final = timedelta(minutes=5)
"""How long credentials that expire are used before they are asked for again; they last an hour and more."""


class Access(NamedTuple):
    """What the settings say. Neither shown nor sent anywhere: it holds a secret."""

    credentials: Credentials
    endpoint: str
    region: str

    def __repr__(self) -> str:
        """Without the secret."""
        return f"<Access {self.endpoint} {self.region}>"

    @property
    def is_plain(self) -> bool:
        """Whether the endpoint that somebody set is one without TLS."""
        return self.endpoint.startswith("http://")

    def keys(self) -> dict[str, str]:
        """The keys as they are now; those of a role are fetched again before they expire."""
        try:
            now = self.credentials.get_frozen_credentials()
        except botocore.exceptions.BotoCoreError:
            raise UnreachedError(Why.NO_CREDENTIALS) from None
        keys = {"access_key_id": now.access_key, "secret_access_key": now.secret_key, "token": now.token}
        return {name: key for name, key in keys.items() if key}

    def provide(self) -> S3Credential:
        """The keys for a client that asks again when they are no longer fresh."""
        return cast("S3Credential", {**self.keys(), "expires_at": datetime.now(UTC) + _FRESH})


def access() -> Access:
    """The settings in force; raises ``UnreachedError`` where there are no credentials."""
    try:
        session = botocore.session.get_session()
        credentials = session.get_credentials()
        region = session.get_config_variable("region") or _ELSEWHERE
        provider = botocore.configprovider.ConfiguredEndpointProvider(
            full_config=session.full_config, scoped_config=session.get_scoped_config(), client_name="s3"
        )
        endpoint = provider.provide() or ""
    except botocore.exceptions.BotoCoreError:
        raise UnreachedError(Why.NO_CREDENTIALS) from None
    if credentials is None:
        raise UnreachedError(Why.NO_CREDENTIALS)
    return Access(credentials, endpoint, region)
