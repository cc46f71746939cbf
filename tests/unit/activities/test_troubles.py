from activities.report import Troubles


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_failure_counts_until_the_activity_works_again() -> None:
    troubles = Troubles()
    for environment in ("dev", "prod"):
        troubles.failed(environment, "create_lead", "odoo_unavailable", "Odoo refused the connection.")
    troubles.worked("dev", "authenticate")
    troubles.worked("dev", "create_lead")
    assert [*troubles.sentences()] == ["prod: create_lead fails: Odoo refused the connection."]


def test_an_old_failure_says_nothing_of_now() -> None:
    clock = Clock()
    troubles = Troubles(clock)
    troubles.failed("dev", "log_to_s3", "log_unavailable", "S3 does not answer.")
    clock.now += 299
    assert [*troubles.sentences()]
    clock.now += 2
    assert not [*troubles.sentences()]


def test_a_wrong_request_is_no_trouble_of_the_installation() -> None:
    troubles = Troubles()
    troubles.failed("dev", "authenticate", "product_not_found", "Odoo has no product 4711.")
    assert not [*troubles.sentences()]
