/** Places where a package could lay something for a program that root runs. */

const directories = "usr/local/sbin usr/local/bin usr/sbin usr/lib/dkms-alpm/bin".split(" ");
const names =
  "mount umount bsdtar bwrap flock pacman pacman-conf node unshare setpriv nsenter chroot chown chmod cp mv rm ln mkdir mkfifo tar zstd xz gzip openssl depmod modprobe modinfo readelf strip objcopy pahole ld as ccache git logger id getent".split(
    " ",
  );

const files = `
  etc/ld.so.preload etc/ld.so.conf etc/ld.so.conf.d/00-first.conf etc/nsswitch.conf etc/passwd etc/group etc/shadow etc/environment etc/profile
  etc/profile.d/first.sh etc/bash.bashrc etc/inputrc etc/pam.d/other etc/pam.d/su etc/sudoers etc/sudoers.d/first etc/crontab etc/cron.d/first
  etc/dkms-alpm.conf etc/dkms-alpm.conf.d/first.conf etc/dkms/framework.conf etc/dkms/framework.conf.d/first.conf etc/dkms/tempting.conf
  etc/pacman.conf etc/pacman.d/hooks/00-first.hook etc/makepkg.conf etc/locale.conf etc/localtime etc/mtab etc/fstab etc/ssl/openssl.cnf
  etc/gai.conf etc/host.conf etc/resolv.conf etc/hosts etc/selinux/config etc/security/limits.conf etc/modprobe.d/first.conf etc/udev/rules.d/00.rules
  etc/systemd/system/first.service etc/tmpfiles.d/first.conf etc/sysusers.d/first.conf etc/os-release etc/alternatives/awk etc/alternatives/cc
  usr/lib/libnss_first.so.2 usr/lib/libnss_files.so.2 usr/lib/security/pam_unix.so usr/lib/gconv/gconv-modules usr/lib/gconv/gconv-modules.cache
  usr/lib/gconv/UTF-16.so usr/lib/locale/locale-archive usr/lib/locale/C.utf8/LC_CTYPE usr/lib/x86_64-linux-gnu/libcap.so.2
  usr/lib/x86_64-linux-gnu/libselinux.so.1 usr/lib/x86_64-linux-gnu/libarchive.so.13 usr/lib/x86_64-linux-gnu/libz.so.1 usr/lib/libz.so.1
  usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache usr/lib/ssl/openssl.cnf usr/lib/engines-3/first.so usr/lib/ossl-modules/legacy.so
  usr/lib/node_modules/execa/index.js usr/lib/node_modules/npm/index.js usr/node_modules/execa/index.js usr/lib/dkms-alpm/lib/act.js
  usr/lib/dkms-alpm/run-hook usr/lib/dkms-alpm/package.json usr/lib/dkms-alpm/node_modules/execa/index.js
  usr/share/libalpm/hooks/00-first.hook usr/share/libalpm/scripts/first usr/share/i18n/locales/C usr/share/locale/locale.alias
  usr/share/zoneinfo/UTC usr/share/terminfo/x/xterm usr/share/bash-completion/bash_completion usr/share/makepkg.conf usr/share/misc/magic.mgc
  usr/lib/udev/rules.d/00-first.rules usr/lib/systemd/system/first.service usr/lib/tmpfiles.d/first.conf usr/lib/sysusers.d/first.conf
  usr/lib/modprobe.d/first.conf usr/lib/modules-load.d/first.conf usr/lib/bfd-plugins/first.so usr/lib/binfmt.d/first.conf usr/lib/environment.d/first.conf
  lib/security/pam_first.so
`;

export const temptingPaths: readonly string[] = [
  ...directories.flatMap((directory) => names.map((name) => `${directory}/${name}`)).slice(0, 140),
  ...files.split(/\s+/).filter((path) => path !== ""),
];
