"""What we rely on at Stripe, asked through the real SDK: of the simulator, or of Stripe's test mode itself.

Each docstring names the page of Stripe's documentation that promises it. Nothing here knows whom it talks to; what
only the simulator can do is in `test_simulator_only.py`. How to run it against Stripe: the README.md above this folder.
"""
