import pytest

from quotation.environment import Environment


@pytest.mark.parametrize(
    ("name", "label", "is_production"),
    [
        ("prod", "production", True),
        ("prod", "ACME", True),
        ("mexico", "production", True),
        ("dev", "development", False),
        ("preprod", "preproduction", False),
    ],
)
def test_production_is_known_by_its_name_or_its_label(name: str, label: str, is_production: bool) -> None:  # noqa: FBT001  # a parameter of the test
    assert Environment(name, label).is_production is is_production


def test_an_environment_has_a_task_queue_of_its_own() -> None:
    assert Environment("dev", "development").task_queue == "quotations-dev"
