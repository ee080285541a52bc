from pathlib import Path

from chassis.settings import ServiceSettings


class CatalogSettings(ServiceSettings):
    service: str = "catalog"
    signing_key: Path
    """Private Ed25519 JWK; only catalog signs access tokens."""
