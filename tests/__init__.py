"""Unit, integration and acceptance tests."""
