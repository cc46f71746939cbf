from runtime.settings import Settings
from tests.unit.conftest import SetVariables


def test_names_of_environments_are_small_letters_without_blanks(variables: SetVariables) -> None:
    variables(ENVIRONMENTS=" DEV, Prod ,,")
    assert Settings.load().environments == ["dev", "prod"]
