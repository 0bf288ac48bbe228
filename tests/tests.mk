# tests.mk - everything that `make test' does. Included by the Makefile.

UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
