# SPDX-License-Identifier: GPL-2.0-or-later
# core/: the same sources as one library per target, for host unit tests under sanitizers, and for the fuzzers. Every
# core/*.c, core/tests/test_*.c and core/fuzz/fuzz_*.c is picked up by its name.

# A comma that a call of a make function does not take for the end of an argument.
, := ,

CORE_BUILD := $(BUILD)/core
CORE_SOURCES := $(wildcard core/*.c)
# core/memory.c stands in for libc where there is none; elsewhere libc's faster versions, and the sanitizers' checking
# ones, must be the only ones.
CORE_HOSTED_SOURCES := $(filter-out core/memory.c,$(CORE_SOURCES))
CORE_TESTS := $(patsubst core/tests/%.c,$(CORE_BUILD)/tests/%,$(wildcard core/tests/test_*.c))
CORE_FUZZERS := $(patsubst core/fuzz/%.c,$(CORE_BUILD)/fuzz/%,$(wildcard core/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60

CORE_CFLAGS := -std=c11 $(WARNINGS) -I. -ffreestanding -nostdinc -isystem $(shell $(HOST_CC) -print-file-name=include)
CORE_EFI_CFLAGS := $(CORE_CFLAGS) -Os -fno-stack-protector -fpic -fshort-wchar -mno-red-zone -fvisibility=hidden
# Boot programs of BIOS machines are linked from what they call, and every byte counts.
BIOS_SIZE_CFLAGS := -ffunction-sections -fdata-sections -mpreferred-stack-boundary=2
CORE_BIOS_CFLAGS := $(CORE_CFLAGS) -m32 -march=i386 -Os -fno-stack-protector -fno-pic -fstack-usage \
	$(BIOS_SIZE_CFLAGS)
CORE_AGENT_CFLAGS := $(CORE_CFLAGS) -O2
CORE_FUZZ_CFLAGS := -std=c11 $(WARNINGS) -I. -g -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all

ALL_TARGETS += $(CORE_BUILD)/efi/libcore.a $(CORE_BUILD)/agent/libcore.a
UNIT_TESTS += $(CORE_TESTS)
FUZZERS += $(CORE_FUZZERS)
UNIT_TEST_SCRIPTS += check-core-rules check-includes check-errors-page check-threat-model check-corpus

# $(1): folder below build/core, $(2): compiler and flags, $(3): sources.
define core_library
$(CORE_BUILD)/$(1)/%.o: core/%.c | $(CORE_BUILD)/$(1)
	$(2) $$(CORE_EXTRA_CFLAGS) -MMD -MP -c -o $$@ $$<

$(CORE_BUILD)/$(1)/libcore.a: $(patsubst core/%.c,$(CORE_BUILD)/$(1)/%.o,$(3))
	rm -f $$@
	ar rcs $$@ $$^

$(CORE_BUILD)/$(1):
	mkdir -p $$@

-include $(patsubst core/%.c,$(CORE_BUILD)/$(1)/%.d,$(3))
endef

$(eval $(call core_library,efi,$(HOST_CC) $(CORE_EFI_CFLAGS),$(CORE_SOURCES)))
$(eval $(call core_library,bios,$(HOST_CC) $(CORE_BIOS_CFLAGS),$(CORE_SOURCES)))
$(eval $(call core_library,agent,$(HOST_CC) $(CORE_AGENT_CFLAGS),$(CORE_HOSTED_SOURCES)))
$(eval $(call core_library,host,$(HOST_CC) $(TEST_CFLAGS),$(CORE_HOSTED_SOURCES)))
$(eval $(call core_library,fuzz-objects,$(CLANG) $(CORE_FUZZ_CFLAGS) \
	-fsanitize=fuzzer-no-link$(,)address$(,)undefined,$(CORE_HOSTED_SOURCES)))

# A compiler that sees its own loop as a call of memcpy would make memcpy call itself.
$(CORE_BUILD)/efi/memory.o $(CORE_BUILD)/bios/memory.o: CORE_EXTRA_CFLAGS := -fno-tree-loop-distribute-patterns

$(CORE_BUILD)/tests $(CORE_BUILD)/fuzz $(CORE_BUILD)/tools:
	mkdir -p $@

$(CORE_BUILD)/tests/%: core/tests/%.c $(CORE_BUILD)/host/libcore.a | $(CORE_BUILD)/tests
	$(HOST_CC) $(TEST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(CORE_BUILD)/host/libcore.a -lcmocka

$(CORE_BUILD)/fuzz/%: core/fuzz/%.c $(CORE_BUILD)/fuzz-objects/libcore.a | $(CORE_BUILD)/fuzz
	$(CLANG) $(CORE_FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -MMD -MP -MF $@.d -o $@ $< \
		$(CORE_BUILD)/fuzz-objects/libcore.a

-include $(addsuffix .d,$(CORE_TESTS) $(CORE_FUZZERS))

# Line coverage of core/ by its unit tests. A build of its own, without sanitizers and optimisation: both move lines.
COVERAGE := $(BUILD)/coverage
COVERAGE_PERCENT := 95
COVERAGE_CFLAGS := $(filter-out $(SANITIZE),$(TEST_CFLAGS)) -g -O0
COVERAGE_OBJECTS := $(patsubst core/%.c,$(COVERAGE)/%.o,$(CORE_HOSTED_SOURCES))
COVERAGE_TESTS := $(patsubst core/tests/%.c,$(COVERAGE)/tests/%,$(wildcard core/tests/test_*.c))

$(COVERAGE)/%.o: core/%.c | $(COVERAGE)
	$(HOST_CC) $(COVERAGE_CFLAGS) --coverage -MMD -MP -c -o $@ $<

$(COVERAGE)/tests/%: core/tests/%.c $(COVERAGE_OBJECTS) | $(COVERAGE)/tests
	$(HOST_CC) $(COVERAGE_CFLAGS) --coverage -MMD -MP -MF $@.d -o $@ $< $(COVERAGE_OBJECTS) -lcmocka

$(COVERAGE) $(COVERAGE)/tests:
	mkdir -p $@

-include $(COVERAGE_OBJECTS:.o=.d) $(addsuffix .d,$(COVERAGE_TESTS))

build-for-coverage: $(COVERAGE_TESTS)

run-coverage: $(COVERAGE_TESTS)
	core/tools/coverage.sh $(COVERAGE) $(COVERAGE_PERCENT) $(COVERAGE_TESTS)

.PHONY: check-core-rules check-includes check-errors-page check-threat-model check-corpus

# ARCHITECTURE.md's dependency rule: core/ needs nothing but itself and the compiler, on 64 and on 32 bits.
check-core-rules: $(CORE_BUILD)/efi/libcore.a $(CORE_BUILD)/bios/libcore.a
	core/tools/check_rules.sh core $^

# The same rule for the folders that use core/, or must not.
check-includes:
	core/tools/check_includes.sh efi core
	core/tools/check_includes.sh agent core
	core/tools/check_includes.sh server core

$(CORE_BUILD)/tools/errors_md: core/tools/errors_md.c core/tools/rom_errors.h $(CORE_BUILD)/host/libcore.a | $(CORE_BUILD)/tools
	$(HOST_CC) $(TEST_CFLAGS) -o $@ $< $(CORE_BUILD)/host/libcore.a

docs/errors.md: $(CORE_BUILD)/tools/errors_md
	$< > $@

check-errors-page: $(CORE_BUILD)/tools/errors_md
	$< | diff -u docs/errors.md - || { echo "docs/errors.md is stale: run 'make docs/errors.md'" >&2; exit 1; }

check-threat-model:
	core/tools/check_threat_model.sh docs/threat-model.md

# The corpus of <folder>/fuzz/fuzz_NAME lies in <folder>/fuzz/corpus/NAME.
corpus_of = $(patsubst $(BUILD)/%,%,$(dir $(1)))corpus/$(patsubst fuzz_%,%,$(notdir $(1)))

# FUZZERS is complete only once every rules.mk has been read, so a prerequisite could not name them all.
check-corpus:
	@$(MAKE) --no-print-directory $(FUZZERS)
	@$(foreach f,$(FUZZERS),core/tools/replay_corpus.sh $(f) $(call corpus_of,$(f));)

run-fuzz:
	@$(MAKE) --no-print-directory $(FUZZERS)
	@$(foreach f,$(FUZZERS),core/tools/run_fuzzer.sh $(f) $(call corpus_of,$(f)) $(FUZZ_SECONDS);)

# What the scripts of check-unit need is built beside the rest instead of one after another.
build-for-check-unit: $(CORE_FUZZERS) $(CORE_BUILD)/bios/libcore.a $(CORE_BUILD)/tools/errors_md
