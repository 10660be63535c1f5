"""What `make run` and `make test` do before Flask exists: install, start PostgreSQL, web, worker and simulator.

Standard library only: everything here runs on a bare clone. Nothing of the product imports it.
"""
