# The vocabulary: every word is `python3 dev.py WORD`. ARGS goes along, as in `make test ARGS="-k reviews"`.
PYTHON ?= python3

.PHONY: run test check bench soak lock
run test check bench soak lock:
	@exec $(PYTHON) dev.py $@ $(ARGS)
