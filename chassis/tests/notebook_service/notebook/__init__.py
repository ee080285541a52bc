"""A service with one noun, so that the chassis can be tested through a door of its own."""
