# The vocabulary: every word is `python3 dev.py WORD`. ARGS goes along, as in `make test ARGS=tests/reviews`; PAGE before it.
PYTHON ?= python3

.PHONY: help run test test-fast check fix words psql profile bench soak lock
help run test test-fast check fix words psql profile bench soak lock:
	@exec $(PYTHON) dev.py $@ $(PAGE) $(ARGS)
