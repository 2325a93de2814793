from __future__ import annotations

import pytest

from pipelines.store.places.address import StoreAddress, StoreAddressError, parse


@pytest.mark.parametrize("url", ["s3://cubo/programa", "s3://cubo/programa/", "s3://cubo//programa"])
def test_an_address_is_a_bucket_and_a_prefix(url: str) -> None:
    assert parse(url) == StoreAddress("cubo", "programa")
    assert str(parse(url)) == "s3://cubo/programa"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "var",
        "s3://",
        "s3://cubo",
        "s3://cubo/",
        "s3:///programa",
        "s3://Cubo/programa",
        "s3://cubo/a//b",
        "s3://cubo/../otro",
        "s3://cubo/a%20b",
        "s3://cubo/año",
        "s3://[cubo/a",
        "file:///srv/secreto",
        "https://cubo/secreto",
        "s3://clave:secreto@cubo/a",
        "s3://secreto@cubo/a",
        "s3://cubo/a?secreto=1",
        "s3://cubo/a#secreto",
    ],
)
def test_anything_else_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(StoreAddressError) as refused:
        parse(url)
    assert "secreto" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
