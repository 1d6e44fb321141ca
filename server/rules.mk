# SPDX-License-Identifier: GPL-2.0-or-later
# slipwayd, the slipway command and their tests.

SERVER_OUT := $(BUILD)/server
SERVER_CFLAGS := -std=c11 -D_GNU_SOURCE -O2 -g $(WARNINGS) -DSLIPWAY_VERSION='"$(VERSION)"' -I.
SERVER_LIBS := -lmicrohttpd -lsqlite3 -ljansson -lzstd -lcrypto -lpthread
SERVER_CLI_LIBS := -lcurl -ljansson -lyaml

SERVER_CLI_SOURCES := $(wildcard server/cli*.c)
SERVER_SOURCES := $(filter-out $(SERVER_CLI_SOURCES),$(wildcard server/*.c))
SERVER_TESTS := $(patsubst server/tests/%.c,$(SERVER_OUT)/tests/%,$(wildcard server/tests/test_*.c))

SERVER_OBJECTS := $(SERVER_SOURCES:server/%.c=$(SERVER_OUT)/%.o)
SERVER_CLI_OBJECTS := $(SERVER_CLI_SOURCES:server/%.c=$(SERVER_OUT)/%.o)
# The same sources with the sanitizers: for the unit tests, and as the server that the interface's tests talk to.
SERVER_TEST_OBJECTS := $(SERVER_SOURCES:server/%.c=$(SERVER_OUT)/sanitized/%.o)
SERVER_CLI_TEST_OBJECTS := $(SERVER_CLI_SOURCES:server/%.c=$(SERVER_OUT)/sanitized/%.o)
SERVER_SANITIZED := $(SERVER_OUT)/sanitized/slipwayd $(SERVER_OUT)/sanitized/slipway

ALL_TARGETS += $(SERVER_OUT)/slipwayd $(SERVER_OUT)/slipway
UNIT_TESTS += $(SERVER_TESTS)
UNIT_TEST_SCRIPTS += check-server-api

$(SERVER_OUT) $(SERVER_OUT)/sanitized $(SERVER_OUT)/tests:
	mkdir -p $@

$(SERVER_OUT)/%.o: server/%.c | $(SERVER_OUT)
	$(HOST_CC) $(SERVER_CFLAGS) -MMD -MP -c -o $@ $<

$(SERVER_OUT)/sanitized/%.o: server/%.c | $(SERVER_OUT)/sanitized
	$(HOST_CC) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

$(SERVER_OUT)/slipwayd: $(SERVER_OBJECTS) $(BUILD)/core/agent/libcore.a
	$(HOST_CC) -o $@ $^ $(SERVER_LIBS)

$(SERVER_OUT)/slipway: $(SERVER_CLI_OBJECTS)
	$(HOST_CC) -o $@ $^ $(SERVER_CLI_LIBS)

$(SERVER_OUT)/sanitized/slipwayd: $(SERVER_TEST_OBJECTS) $(BUILD)/core/host/libcore.a
	$(HOST_CC) $(SANITIZE) -o $@ $^ $(SERVER_LIBS)

$(SERVER_OUT)/sanitized/slipway: $(SERVER_CLI_TEST_OBJECTS)
	$(HOST_CC) $(SANITIZE) -o $@ $^ $(SERVER_CLI_LIBS)

$(SERVER_OUT)/tests/%: server/tests/%.c $(filter-out %/main.o,$(SERVER_TEST_OBJECTS)) $(BUILD)/core/host/libcore.a \
		| $(SERVER_OUT)/tests
	$(HOST_CC) $(TEST_CFLAGS) -MMD -MP -MF $@.d -o $@ $< $(filter %.o %.a,$^) -lcmocka $(SERVER_LIBS)

.PHONY: check-server-api
build-for-check-unit: $(SERVER_SANITIZED)
check-server-api: $(SERVER_SANITIZED) $(AGENT_SANITIZED)
	SLIPWAY_BUILD=$(SERVER_OUT)/sanitized SLIPWAY_AGENT=$(AGENT_SANITIZED) \
		$(PYTHON) -m pytest -q -p no:cacheprovider server/tests

-include $(wildcard $(SERVER_OUT)/*.d $(SERVER_OUT)/sanitized/*.d $(SERVER_OUT)/tests/*.d)
