# SPDX-License-Identifier: GPL-2.0-or-later
# agent/: one static program against musl, and the same sources against the host's libraries under sanitizers for the
# unit tests and fuzzers. Every *.c of a folder below, agent/tests/test_*.c and agent/fuzz/fuzz_*.c is picked up by its
# name.
# AGENT_CC, AGENT_DEPS_CFLAGS, AGENT_DEPS_LIBS and DEPS_STAMP come from deps/rules.mk.

AGENT_BUILD := $(BUILD)/agent
# From the bottom up: a folder includes from itself and those before it, and from core/ (check-agent-folders).
AGENT_FOLDERS := base disk kernel net fs windows system image layout imaging source identity anonymous protocol \
	production automation cmd
AGENT_SOURCES := $(foreach folder,$(AGENT_FOLDERS),$(wildcard agent/$(folder)/*.c))
AGENT_OBJECTS := $(patsubst agent/%.c,$(AGENT_BUILD)/musl/%.o,$(AGENT_SOURCES))
AGENT := $(AGENT_BUILD)/slipway-agent

# What tests link: everything but the program's own main().
AGENT_TESTED := $(filter-out agent/cmd/main.c,$(AGENT_SOURCES))
AGENT_HOST_OBJECTS := $(patsubst agent/%.c,$(AGENT_BUILD)/host/%.o,$(AGENT_TESTED))
AGENT_FUZZ_OBJECTS := $(patsubst agent/%.c,$(AGENT_BUILD)/fuzz-objects/%.o,$(AGENT_TESTED))
AGENT_TESTS := $(patsubst agent/tests/%.c,$(AGENT_BUILD)/tests/%,$(wildcard agent/tests/test_*.c))
AGENT_FUZZERS := $(patsubst agent/fuzz/%.c,$(AGENT_BUILD)/fuzz/%,$(wildcard agent/fuzz/fuzz_*.c))

AGENT_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) -I. -O2 -ffunction-sections -fdata-sections \
	-DSLIPWAY_VERSION='"$(VERSION)"'
AGENT_HOST_LIBS := -lcurl -ljansson -lzstd -lz -llzma -lfdisk -lblkid -lmbedcrypto -luuid -lntfs-3g -lpthread
AGENT_FUZZ_CFLAGS := -std=c11 -D_GNU_SOURCE $(WARNINGS) -I. -g -O1 -fno-omit-frame-pointer \
	-fno-sanitize-recover=all -DSLIPWAY_VERSION='"$(VERSION)"'

RESIDENT_PACKAGE := $(BUILD)/slipway-agent_$(VERSION)_amd64.deb

ALL_TARGETS += $(AGENT) $(RESIDENT_PACKAGE)
UNIT_TESTS += $(AGENT_TESTS)
FUZZERS += $(AGENT_FUZZERS)

$(AGENT_BUILD) $(AGENT_BUILD)/tests $(AGENT_BUILD)/fuzz $(addprefix $(AGENT_BUILD)/musl/,$(AGENT_FOLDERS)) \
$(addprefix $(AGENT_BUILD)/host/,$(AGENT_FOLDERS)) $(addprefix $(AGENT_BUILD)/fuzz-objects/,$(AGENT_FOLDERS)):
	mkdir -p $@

$(AGENT_BUILD)/musl/%.o: agent/%.c $(DEPS_STAMP) | $(addprefix $(AGENT_BUILD)/musl/,$(AGENT_FOLDERS))
	$(AGENT_CC) $(AGENT_CFLAGS) $(AGENT_DEPS_CFLAGS) -MMD -MP -c -o $@ $<

# The unstripped program stays beside the stripped one: addresses from the field can be looked up in it.
$(AGENT).debug: $(AGENT_OBJECTS) $(BUILD)/core/agent/libcore.a | $(AGENT_BUILD)
	$(AGENT_CC) -static -Wl,--gc-sections -o $@ $^ $(AGENT_DEPS_LIBS)

$(AGENT): $(AGENT).debug
	strip -s -o $@ $<

$(AGENT_BUILD)/host/%.o: agent/%.c | $(addprefix $(AGENT_BUILD)/host/,$(AGENT_FOLDERS))
	$(HOST_CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

$(AGENT_BUILD)/host/libagent.a: $(AGENT_HOST_OBJECTS)
	rm -f $@
	ar rcs $@ $^

$(AGENT_BUILD)/tests/%: agent/tests/%.c $(AGENT_BUILD)/host/libagent.a $(BUILD)/core/host/libcore.a \
		| $(AGENT_BUILD)/tests
	$(HOST_CC) $(TEST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(AGENT_BUILD)/host/libagent.a \
		$(BUILD)/core/host/libcore.a -lcmocka $(AGENT_HOST_LIBS)

# The program itself with the sanitizers, for the tests that call it as a person does.
AGENT_SANITIZED := $(AGENT_BUILD)/sanitized/slipway-agent
$(AGENT_SANITIZED): $(AGENT_BUILD)/host/cmd/main.o $(AGENT_BUILD)/host/libagent.a $(BUILD)/core/host/libcore.a
	@mkdir -p $(@D)
	$(HOST_CC) $(TEST_CFLAGS) -o $@ $^ $(AGENT_HOST_LIBS)

.PHONY: check-agent-folders check-agent-commands
UNIT_TEST_SCRIPTS += check-agent-folders check-agent-commands

check-agent-folders:
	@below=; for folder in $(AGENT_FOLDERS); do \
		core/tools/check_includes.sh agent/$$folder core $$below > /dev/null; below="$$below agent/$$folder"; done
	@echo "agent/: each of $(AGENT_FOLDERS) includes from those before it only"

build-for-check-unit: $(AGENT_SANITIZED)
check-agent-commands: $(AGENT_SANITIZED)
	SLIPWAY_AGENT=$(AGENT_SANITIZED) PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -q -p no:cacheprovider agent/tests

# The resident agent of a production system, below DESTDIR, and the same as a Debian package.
DESTDIR ?=
RESIDENT_TREE := $(AGENT_BUILD)/package

.PHONY: install-resident resident-package
install-resident: $(AGENT)
	install -D -m 755 $(AGENT) $(DESTDIR)/usr/sbin/slipway-agent
	install -D -m 644 agent/slipway-agent.service $(DESTDIR)/usr/lib/systemd/system/slipway-agent.service
	install -D -m 644 docs/slipway-agent.8 $(DESTDIR)/usr/share/man/man8/slipway-agent.8
	[ -e $(DESTDIR)/etc/slipway/resident.conf ] || install -D -m 644 agent/resident.conf $(DESTDIR)/etc/slipway/resident.conf

resident-package: $(RESIDENT_PACKAGE)
$(RESIDENT_PACKAGE): $(AGENT) agent/slipway-agent.service agent/resident.conf $(wildcard agent/package/*) \
		docs/slipway-agent.8 agent/rules.mk
	rm -rf $(RESIDENT_TREE)
	$(MAKE) install-resident DESTDIR=$(RESIDENT_TREE)
	mkdir $(RESIDENT_TREE)/DEBIAN
	printf '%s\n' 'Package: slipway-agent' 'Version: $(VERSION)' 'Architecture: amd64' 'Section: admin' 'Priority: optional' \
		'Maintainer: Slipway' 'Description: resident agent of Slipway' \
		' Restarts this machine into network boot when a job waits for it.' > $(RESIDENT_TREE)/DEBIAN/control
	echo /etc/slipway/resident.conf > $(RESIDENT_TREE)/DEBIAN/conffiles
	install -m 755 agent/package/* $(RESIDENT_TREE)/DEBIAN
	dpkg-deb --root-owner-group --build $(RESIDENT_TREE) $@

$(AGENT_BUILD)/fuzz-objects/%.o: agent/%.c | $(addprefix $(AGENT_BUILD)/fuzz-objects/,$(AGENT_FOLDERS))
	$(CLANG) $(AGENT_FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<

$(AGENT_BUILD)/fuzz-objects/libagent.a: $(AGENT_FUZZ_OBJECTS)
	rm -f $@
	ar rcs $@ $^

$(AGENT_BUILD)/fuzz/%: agent/fuzz/%.c $(AGENT_BUILD)/fuzz-objects/libagent.a $(BUILD)/core/fuzz-objects/libcore.a \
		| $(AGENT_BUILD)/fuzz
	$(CLANG) $(AGENT_FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined -MMD -MP -MF $@.d -o $@ $< \
		$(AGENT_BUILD)/fuzz-objects/libagent.a $(BUILD)/core/fuzz-objects/libcore.a $(AGENT_HOST_LIBS)

-include $(AGENT_OBJECTS:.o=.d) $(AGENT_HOST_OBJECTS:.o=.d) $(AGENT_FUZZ_OBJECTS:.o=.d) $(AGENT_BUILD)/host/cmd/main.d
-include $(addsuffix .d,$(AGENT_TESTS) $(AGENT_FUZZERS))
