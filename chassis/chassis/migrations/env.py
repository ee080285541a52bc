"""Alembic's entry; chassis.migrate hands it an open connection inside a transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    include_object=lambda _item, name, kind, *_: kind != "table" or name != "alembic_version",
)
context.run_migrations()
