"""What stands in an object store, seen and altered by another client than the one under test."""

from __future__ import annotations

import uuid

import s3fs

BUCKET = "programa"


def new_store() -> str:
    """The URL of a store in which there is nothing yet."""
    return f"s3://{BUCKET}/hogar-{uuid.uuid4().hex[:12]}/uno"


class Objects:
    """The objects below a URL, by their keys from there."""

    def __init__(self, url: str) -> None:
        self._bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix}/"
        self._client = s3fs.S3FileSystem(skip_instance_cache=True)

    def make_bucket(self) -> None:
        self._client.call_s3("create_bucket", Bucket=self._bucket)

    def tags(self) -> dict[str, str]:
        """Key → entity tag of every object."""
        found: dict[str, str] = {}
        asked = {"Bucket": self._bucket, "Prefix": self._prefix}
        while True:
            page = self._client.call_s3("list_objects_v2", **asked)
            found |= {entry["Key"][len(self._prefix) :]: entry["ETag"] for entry in page.get("Contents", ())}
            if not page.get("IsTruncated"):
                return found
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def get(self, key: str) -> bytes:
        return bytes(self._client.cat_file(f"{self._bucket}/{self._prefix}{key}"))

    def put(self, key: str, content: bytes) -> None:
        self._client.call_s3("put_object", Bucket=self._bucket, Key=self._prefix + key, Body=content)

    def delete(self, key: str) -> None:
        self._client.call_s3("delete_object", Bucket=self._bucket, Key=self._prefix + key)
