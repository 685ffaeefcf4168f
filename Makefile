# SPDX-License-Identifier: GPL-2.0

KVER ?= $(shell uname -r)
KDIR ?= /lib/modules/$(KVER)/build
DESTDIR ?=
MODULE ?= mpcnet.ko
OUT := $(CURDIR)/.build/$(KVER)$(if $(filter 1,$(DEBUG)),-debug)
MODULE_DIR := $(DESTDIR)/lib/modules/$(KVER)/updates

export DEBUG

.PHONY: all modules build tools install uninstall setup check demo nat targets bench gen clean help

all: modules tools

modules: $(KDIR)/Makefile
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

# The same out of place, so that builds for several kernels do not mix.
build: $(KDIR)/Makefile
	mkdir -p $(OUT)
	cp -a -u Kbuild kmod $(OUT)/
	$(MAKE) -C $(KDIR) M=$(OUT) $(BUILD_ARGS) modules

$(KDIR)/Makefile:
	@echo "no headers of kernel $(KVER) in $(KDIR): run make setup, or say KVER=RELEASE" >&2
	@exit 1

tools:
	$(MAKE) -C tools

install:
	@[ -r $(MODULE) ] || { echo "nothing to install: run make first" >&2; exit 1; }
	install -d $(MODULE_DIR)
	strip --strip-debug -o $(MODULE_DIR)/mpcnet.ko $(MODULE)
	$(if $(DESTDIR),,depmod $(KVER))
	$(MAKE) -C tools install DESTDIR=$(DESTDIR)

uninstall:
	rm -f $(MODULE_DIR)/mpcnet.ko
	$(if $(DESTDIR),,depmod $(KVER))
	$(MAKE) -C tools uninstall DESTDIR=$(DESTDIR)

setup:
	@selftests/setup/setup

check: setup
	@selftests/check

demo: setup
	@selftests/demo/run

nat: setup
	@selftests/nat/run

targets: setup
	@selftests/nat/run targets

bench: setup
	@selftests/bench/run

gen:
	kmod/spec/regen

clean:
	rm -rf .build
	find . -path ./.git -prune -o \( -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name '.*.d' \
		-o -name modules.order -o -name Module.symvers \) -type f -exec rm -f {} +
	rm -rf .tmp_versions

help:
	@echo 'make                    mpcnet.ko and the programs in .build/tools'
	@echo 'make modules | tools    one of these'
	@echo 'make build              mpcnet.ko in .build/RELEASE[-debug]'
	@echo '       KVER=RELEASE     for this kernel; the running one'
	@echo '       DEBUG=1          self-tests at load, and protocol times that can be cut'
	@echo 'make install            into DESTDIR; uninstall takes it away'
	@echo 'make setup              install what demo and check need (Debian 12, root)'
	@echo 'make demo               an MPC program over mpcnet, in a VM'
	@echo '       PROGRAM=FILE     another program of MPyC'
	@echo 'make check              style, builds and selftests, on two kernels'
	@echo '       TESTS="a.sh b"   these selftests only'
	@echo '       VM=no            selftests on the running kernel'
	@echo 'make nat                sessions among all classes of NAT, in a VM: an hour'
	@echo '       QUICK=1          a few pairs'
	@echo 'make targets            how soon a mesh is ready, what stays of it, and the like,'
	@echo '                        beside what is wanted; in a VM: half an hour'
	@echo '       QUICK=1          not with 50 parties'
	@echo 'make bench              mpcnet beside other tunnels, in instructions; in a VM'
	@echo '       QUICK=1          a few figures, compared with their floors'
	@echo '       KINDS="a b"      these tunnels only; selftests/bench/run -h'
	@echo 'make gen                what is generated from kmod/spec/mpcnet.yaml'
	@echo 'make clean              remove all that was built'
