from hypothesis import settings

# no deadline: what a test shows does not depend on how busy the machine is
settings.register_profile("unit", max_examples=50, deadline=None)
settings.load_profile("unit")
