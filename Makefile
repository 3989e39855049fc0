# Two commands set everything up on a fresh clone with only Python and pip: `make run` and `make test`.
# What they do is in scripts/setup.py. Each recipe ends in exec, so that the signal make passes on reaches the program.

.DEFAULT_GOAL := help
.PHONY: help run test claude bench fuzz

help:
	@echo 'make run      serve on port 4000; PORT, HOST and CONFIG are honoured: make run PORT=4100 CONFIG=my.yaml'
	@echo 'make test     run the tests; ARGS goes to pytest: make test ARGS="-k health"'
	@echo 'make claude   open Claude Code through Trunkline; ARGS goes to it: make claude ARGS="-p hello"'
	@echo 'make bench    measure CPU and added latency beside nginx'
	@echo 'make fuzz     look for input that breaks a reader or a decoder: make fuzz ARGS="--seconds 600"'

run test claude bench fuzz:
	@exec sh scripts/setup.sh $@
