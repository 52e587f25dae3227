# make                            release build
# make module                     release build of the PAM module alone
# make install DESTDIR= PREFIX=   as packages do it; builds nothing
# make install-redhat DESTDIR=     what Fedora and RHEL have besides; after make install
# make uninstall                  takes it out again, but not configuration and state
# make check                      format, lints, documentation
# make test                       every test but the soak
# make soak                       the tests that take minutes: more of what make test does in short; LOGINS=1000000
# make bench                      logins beside those of google-authenticator and pam_oath; LOGINS=300 USERS="1 1000 …"
# make simulate                   what a fleet takes of a shared store, measured and simulated; LOGINS=3000 USERS=200000
# make profile                    what a login does, in system calls and instructions
# make demo                       a login with a code, before your eyes
# make vendor-tarball             the sources, and the crates that they need, for builds without a network
# make arch                       the package for Arch Linux, from what is committed
# make deb                        packages for Debian, in target/package
# make audit                      licences, bans and sources of the crates, by deny.toml
# make advisories                 known flaws of the crates; fetches the list of them over the network
# make sbom                       which crates are in each program, as CycloneDX
# make rpm                        packages for Fedora and RHEL, in target/package
# make hardening-test             the daemon in its cage on booted Debian 12 and 13, and an intruder in its place
# make vm-test                    installed packages on booted Debian 12 and 13, from the first login to the last
# make release                    all packages, sources and lists of crates, with checksums
# make deb-test                   what takes long about them: machines, piuparts, autopkgtest, a second build
# make package-test               the packages: built, looked at, installed, taken out again

PREFIX ?= /usr
DESTDIR ?=
CARGO ?= cargo
CARGO_FLAGS ?= --locked
# What builds. With scripts/package/auditable the programs carry the list of the crates in them.
CARGO_BUILD ?= $(CARGO) build
CC ?= cc
INSTALL ?= install

# Where the built programs are. Name it to install what was built elsewhere.
BUILD ?= $(or $(CARGO_TARGET_DIR),target)/release

# PAM, the bus, polkit and systemd look in places of their own, whatever PREFIX is.
# libpam looks for modules beside its own, of which there is always pam_deny; a compiler need not be here.
MULTIARCH := $(or $(shell $(CC) -print-multiarch 2>/dev/null),$(shell uname -m)-linux-gnu)
PAMDIR ?= $(or $(patsubst %/pam_deny.so,%,$(firstword $(wildcard $(addsuffix /security/pam_deny.so, \
	/usr/lib/$(MULTIARCH) /usr/lib64 /usr/lib)))),$(error no folder with pam_deny.so: name PAMDIR))
UNITDIR ?= /usr/lib/systemd/system
SYSUSERSDIR ?= /usr/lib/sysusers.d
TMPFILESDIR ?= /usr/lib/tmpfiles.d
DBUSDIR ?= /usr/share/dbus-1
POLKITDIR ?= /usr/share/polkit-1/actions
SYSCONFDIR ?= /etc
# OpenRC's services, such as /etc/init.d. Without, its script is among the examples alone.
OPENRCDIR ?=
# Empty where AppArmor is not used: no profile then.
APPARMORDIR ?= $(SYSCONFDIR)/apparmor.d
LIBEXECDIR = $(PREFIX)/libexec
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
BASHDIR = $(PREFIX)/share/bash-completion/completions
# Debian's zsh looks in a folder of its own for what packages bring.
ZSHDIR ?= $(PREFIX)/share/zsh/$(if $(wildcard /etc/debian_version),vendor-completions,site-functions)
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
EXAMPLEDIR = $(PREFIX)/share/doc/countersign/examples
# Debian's pam-auth-update reads profiles here. Only its package installs one: it takes it out again in the right order.
PAMCONFIGSDIR ?=

# Installs a file in which the daemon's path stands, with the path that it has here.
install-with-path = sed 's|/usr/libexec/|$(LIBEXECDIR)/|' $(1) > $(DESTDIR)$(2)/$(notdir $(1)) \
	&& chmod 0644 $(DESTDIR)$(2)/$(notdir $(1))

.PHONY: all documents install uninstall check test soak bench simulate profile demo vendor-tarball deb package-test audit advisories sbom vm-test install-redhat rpm arch module release deb-test hardening-test

# What `make` alone makes, whatever stands first.
.DEFAULT_GOAL := all

# The module by itself, so that no feature of another member's dependencies gets into it.
# The compiler keeps the builder's folders out of the programs.
all module: export COUNTERSIGN_RUSTC := $(or $(RUSTC),rustc)
all module: export RUSTC = $(CURDIR)/scripts/package/rustc
module:
	$(CARGO_BUILD) --release $(CARGO_FLAGS) -p pam_countersign

all: module
	$(CARGO_BUILD) --release $(CARGO_FLAGS) -p countersignd -p countersign -p countersign-manual
	$(MAKE) documents

# What the programs tell of themselves, by those in FROM. What zsh gets is for its startup file; the line
# added lets it answer at once where zsh loads it from its folder, when the first completion is asked for.
documents: FROM ?= $(BUILD)
documents:
	$(FROM)/countersign-manual $(BUILD)/man
	mkdir -p $(BUILD)/completions
	COMPLETE=bash $(FROM)/countersign > $(BUILD)/completions/countersign
	COMPLETE=zsh $(FROM)/countersign > $(BUILD)/completions/_countersign
	echo '[ "$$funcstack[1]" != _countersign ] || _clap_dynamic_completer_countersign "$$@"' >> $(BUILD)/completions/_countersign
	COMPLETE=fish $(FROM)/countersign > $(BUILD)/completions/countersign.fish

install:
	@for file in libpam_countersign.so countersignd countersign man completions; do \
		test -e '$(BUILD)'/$$file || { echo "$(BUILD)/$$file is not built; run make first" >&2; exit 1; }; \
	done
	$(INSTALL) -D -m 0644 $(BUILD)/libpam_countersign.so $(DESTDIR)$(PAMDIR)/pam_countersign.so
	$(INSTALL) -D -m 0755 $(BUILD)/countersignd $(DESTDIR)$(LIBEXECDIR)/countersignd
	$(INSTALL) -D -m 0755 $(BUILD)/countersign $(DESTDIR)$(BINDIR)/countersign
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(MANDIR)/man1 $(BUILD)/man/man1/*
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(MANDIR)/man5 $(BUILD)/man/man5/*
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(MANDIR)/man8 $(BUILD)/man/man8/*
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(BASHDIR) $(BUILD)/completions/countersign
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(ZSHDIR) $(BUILD)/completions/_countersign
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(FISHDIR) $(BUILD)/completions/countersign.fish
	$(INSTALL) -d $(DESTDIR)$(UNITDIR) $(DESTDIR)$(DBUSDIR)/system-services
	$(call install-with-path,packaging/systemd/countersignd.service,$(UNITDIR))
	$(call install-with-path,packaging/dbus/org.countersign1.service,$(DBUSDIR)/system-services)
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(UNITDIR) packaging/systemd/countersign-login.socket
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(DBUSDIR)/system.d packaging/dbus/org.countersign1.conf
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(DBUSDIR)/interfaces bus/org.countersign1.xml
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(POLKITDIR) packaging/polkit/org.countersign1.policy
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(SYSUSERSDIR) packaging/sysusers/countersign.conf
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(TMPFILESDIR) packaging/tmpfiles/countersign.conf
	test -z '$(PAMCONFIGSDIR)' || $(INSTALL) -D -m 0644 -t $(DESTDIR)$(PAMCONFIGSDIR) packaging/pam-configs/countersign
ifneq ($(APPARMORDIR),)
	$(INSTALL) -d $(DESTDIR)$(APPARMORDIR)
	$(call install-with-path,packaging/apparmor/usr.libexec.countersignd,$(APPARMORDIR))
endif
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(EXAMPLEDIR)/systemd packaging/systemd/network.conf
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(EXAMPLEDIR)/pam.d packaging/pam/sshd packaging/pam/sudo
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(EXAMPLEDIR)/sshd_config.d packaging/sshd/10-countersign.conf
	$(INSTALL) -D -m 0644 -t $(DESTDIR)$(EXAMPLEDIR) packaging/config/countersign.toml
	$(INSTALL) -d $(DESTDIR)$(EXAMPLEDIR)/openrc
	$(call install-with-path,packaging/openrc/countersignd,$(EXAMPLEDIR)/openrc)
	test -z '$(OPENRCDIR)' || $(INSTALL) -D -m 0755 -t $(DESTDIR)$(OPENRCDIR) $(DESTDIR)$(EXAMPLEDIR)/openrc/countersignd
	$(INSTALL) -d -m 0755 $(DESTDIR)$(SYSCONFDIR)/countersign $(DESTDIR)$(SYSCONFDIR)/countersign/conf.d
	test -e $(DESTDIR)$(SYSCONFDIR)/countersign/countersign.toml || $(INSTALL) -m 0644 \
		packaging/config/countersign.toml $(DESTDIR)$(SYSCONFDIR)/countersign/countersign.toml

# What Fedora and RHEL have besides: authselect writes their stacks.
install-redhat:
	$(INSTALL) -D -m 0755 -t $(DESTDIR)$(LIBEXECDIR) packaging/authselect/countersign-authselect

# A stack that names a module which is gone lets nobody in, so this refuses while one does. And one
# with pam_permit as all that it asks lets anybody in, as when only one of the two lines for key and
# code was taken out. An "@include" counts if the included file has something of the kind "auth".
uninstall:
	@stacks=$$(grep -lsE '^[^#]*pam_countersign' $(DESTDIR)$(SYSCONFDIR)/pam.conf $(DESTDIR)$(SYSCONFDIR)/pam.d/*); \
	test -z "$$stacks" || { \
		echo "take pam_countersign out of these first (countersign pam disable --all), or they let nobody in:" $$stacks >&2; exit 1; }
	@open=; auth='^[[:space:]]*-?auth[[:space:]]'; \
	include='s/^[[:space:]]*@include[[:space:]]+([^[:space:]#]+).*/\1/p'; \
	cd $(DESTDIR)$(SYSCONFDIR)/pam.d 2>/dev/null || exit 0; \
	for stack in *; do \
		grep -qsiE "$$auth"'[^#]*pam_permit\.so' "$$stack" || continue; \
		cat "$$stack" $$(sed -nE "$$include" "$$stack") 2>/dev/null | sed 's/#.*//' \
			| grep -iE "$$auth" | grep -qv 'pam_permit\.so' || open="$$open $(DESTDIR)$(SYSCONFDIR)/pam.d/$$stack"; \
	done; \
	test -z "$$open" || { \
		echo "pam_permit.so is all that these ask, so they let anybody in; put what stood there back in its" \
			"place first (for sshd on Debian: @include common-auth):$$open" >&2; exit 1; }
	rm -f $(DESTDIR)$(PAMDIR)/pam_countersign.so
	rm -f $(DESTDIR)$(LIBEXECDIR)/countersignd $(DESTDIR)$(BINDIR)/countersign
	rm -f $(DESTDIR)$(LIBEXECDIR)/countersign-authselect
	rm -f $(DESTDIR)$(MANDIR)/man1/countersign.1 $(DESTDIR)$(MANDIR)/man5/countersign.toml.5
	rm -f $(DESTDIR)$(MANDIR)/man5/org.countersign1.5
	rm -f $(DESTDIR)$(MANDIR)/man8/countersignd.8 $(DESTDIR)$(MANDIR)/man8/pam_countersign.8
	rm -f $(DESTDIR)$(BASHDIR)/countersign $(DESTDIR)$(ZSHDIR)/_countersign
	rm -f $(DESTDIR)$(FISHDIR)/countersign.fish
	rm -f $(DESTDIR)$(UNITDIR)/countersignd.service $(DESTDIR)$(UNITDIR)/countersign-login.socket
	rm -f $(DESTDIR)$(DBUSDIR)/system-services/org.countersign1.service
	rm -f $(DESTDIR)$(DBUSDIR)/system.d/org.countersign1.conf
	rm -f $(DESTDIR)$(DBUSDIR)/interfaces/org.countersign1.xml
	rm -f $(DESTDIR)$(POLKITDIR)/org.countersign1.policy
	rm -f $(if $(APPARMORDIR),$(DESTDIR)$(APPARMORDIR)/usr.libexec.countersignd)
	rm -f $(DESTDIR)$(SYSUSERSDIR)/countersign.conf $(DESTDIR)$(TMPFILESDIR)/countersign.conf
	test -z '$(OPENRCDIR)' || rm -f $(DESTDIR)$(OPENRCDIR)/countersignd
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/countersign
	@echo "Left in place: $(SYSCONFDIR)/countersign and /var/lib/countersign (secrets), and the user countersign"
	@for drop_in in $(DESTDIR)$(SYSCONFDIR)/ssh/sshd_config.d/*.conf; do \
		case $${drop_in##*/} in *countersign*) ;; \
		*) head -n 1 "$$drop_in" 2>/dev/null | grep -qi countersign || continue;; esac; \
		test ! -e "$$drop_in" || echo "Left in place too, and it may keep keys out of SSH: $$drop_in"; \
	done

# The documentation is for whoever reads the code, private rooms included, and links into them.
check:
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets $(CARGO_FLAGS) -- -D warnings
	RUSTDOCFLAGS='-D warnings -A rustdoc::private_intra_doc_links' $(CARGO) doc --workspace --no-deps --document-private-items $(CARGO_FLAGS)

test:
	scripts/test

# The release build: what lasts and what does not is about the programs that people run.
soak: all
	COUNTERSIGN_BUILD=$(abspath $(BUILD)) COUNTERSIGN_SOAK_LOGINS=$(LOGINS) scripts/test --workspace -- --ignored --nocapture

bench:
	scripts/bench

simulate:
	scripts/simulate

profile:
	scripts/profile

demo:
	scripts/demo

vendor-tarball:
	scripts/package/sources

arch:
	scripts/package/arch

deb:
	scripts/package/deb

rpm:
	scripts/package/rpm

deb-test:
	scripts/package/slow-deb

package-test:
	scripts/package/test

hardening-test:
	scripts/machine/test-hardening

vm-test:
	scripts/machine/test

audit:
	scripts/package/audit

advisories:
	scripts/package/advisories

sbom:
	scripts/package/sbom

release:
	scripts/package/release
