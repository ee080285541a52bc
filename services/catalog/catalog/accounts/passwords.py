"""Argon2id in threads, few at a time: a flood of sign-ins must not take all memory and CPU."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

HASHING = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
"""OWASP's minimum: 19 MiB, two passes, one lane; about 45 ms."""
THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1"
    "$BqM9Z3RHV2hcLeu2/5NyOg$MAwP6za9o0oxldjRa+Z8zLQLmIpZx09prM8MO0fLJhE"
)
"""Verified for unknown accounts, so that they take as long as known ones."""


async def hash_of(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(THREADS, HASHING.hash, password)


async def verify(password: str, password_hash: str | None) -> bool:
    """False for whoever has no hash, in the same time."""
    matches = await asyncio.get_running_loop().run_in_executor(
        THREADS, HASHING.verify, password, password_hash or NOBODYS_HASH
    )
    return matches and password_hash is not None
