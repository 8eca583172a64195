/** What a hostile package tries from its build and from its conf: shell lines that print `GOT IT` when they have what they came for. */

/** One try. */
export interface Attack {
  readonly what: string;
  /** Bash; `$S` is a directory of the attacker's own, and `$TEST_...` what the test tells of itself. */
  readonly lines: string;
  /** Where nothing confines it, it works for root everywhere; but here on some hosts only, or is not tried. */
  readonly outside?: "perhaps" | "not tried";
}

/** Where the test has put secrets, on the machine: every user can read them there but those of root. */
export const secrets = {
  root: "/root/dkms-attack/key",
  ssh: "/home/dkms-attack/.ssh/id_ed25519",
  home: "/home/dkms-attack/notes",
  boot: "/boot/dkms-attack.conf",
  sbctl: "/var/lib/dkms-attack/keys/db.key",
  wireguard: "/etc/dkms-attack/wg0.conf",
  srv: "/srv/dkms-attack/data",
  mnt: "/mnt/dkms-attack/data",
  opened: "/var/tmp/dkms-attack/data",
  shm: "/dev/shm/dkms-attack",
} as const;

/** The words in every secret. */
export const secret = "dkms-attack-secret";

const reads = Object.entries(secrets).map(([what, path]) => ({
  what: `reading a secret (${what})`,
  lines: `grep -q ${secret} ${path} && echo GOT IT`,
}));

const writes = [
  "/usr/lib/dkms-attack",
  "/usr/local/sbin/dkms-attack",
  "/etc/ld.so.preload",
  "/etc/cron.d/dkms-attack",
  "/etc/profile.d/dkms-attack.sh",
  "/root/dkms-attack/planted",
  "/var/lib/dkms-alpm/dkms-attack",
  "/var/cache/dkms-attack",
  "/run/dkms-attack-planted",
  "/boot/dkms-attack-planted",
  "/dkms-attack",
].map((path) => ({ what: `writing ${path}`, lines: `echo x >${path}` }));

const settings = [
  "kernel/core_pipe_limit",
  "kernel/core_pattern",
  "kernel/printk",
  "vm/drop_caches",
  "fs/suid_dumpable",
];

/** System calls that have to be refused, whatever the user may do. */
const calls = [
  ["joining the keyring of the caller's session", "syscall(SYS_keyctl, 0, -3, 1)"],
  ["adding a key", 'syscall(SYS_add_key, "user", "dkms-attack", "x", 1, -3)'],
  ["a socket to the machine that runs this one", "syscall(SYS_socket, 40, 1, 0)"],
  ["a socket to the ciphers of the kernel", "syscall(SYS_socket, 38, 5, 0)"],
  ["reading a key of the caller", 'syscall(SYS_keyctl, 10, -3, "user", "dkms-attack", 0)'],
  ["asking for a key", 'syscall(SYS_request_key, "user", "dkms-attack", 0, 0)'],
  ["the kernel's log by its call", "syscall(SYS_syslog, 10, 0, 0)"],
  ["bpf", "syscall(SYS_bpf, 0, 0, 0)"],
  ["perf events", "syscall(SYS_perf_event_open, 0, 0, -1, -1, 0)"],
  ["userfaultfd", "syscall(SYS_userfaultfd, 1)"],
  ["io_uring", "syscall(SYS_io_uring_setup, 1, 0)"],
  ["a mount of its own by the newer calls", 'syscall(430, "tmpfs", 0)'],
  ["a copy of the tree of mounts", 'syscall(428, -100, "/", 1)'],
  ["watching what everybody opens", "syscall(SYS_fanotify_init, 8, 0)"],
  ["io_uring by the numbers of 32 bits", "narrow(425, 1, 0)"],
  ["bpf by the numbers of 32 bits", "narrow(357, 0, 0)"],
  ["keyrings by the numbers of 32 bits", "narrow(288, 0, -3)"],
  ["sockets by the one call of 32 bits", "narrow(102, 1, 0)"],
  ["io_uring by the numbers of x32", "syscall(0x40000000 + 425, 1, 0)"],
  ["a server of an abstract name", "reach()"],
] as const;

/** Makes the call with the number that it is given; its status is 0 where that was refused. */
const callsProgram = [
  "#include <errno.h>",
  "#include <signal.h>",
  "#include <stddef.h>",
  "#include <stdlib.h>",
  "#include <sys/socket.h>",
  "#include <sys/syscall.h>",
  "#include <sys/un.h>",
  "#include <unistd.h>",
  // A kernel without programs of 32 bits ends who tries.
  "static void refused(int signal) { _exit(0); }",
  "static long narrow(long number, long a, long b) {",
  "  long r;",
  '  __asm__ volatile("int $0x80" : "=a"(r) : "a"(number), "b"(a), "c"(b), "d"(0), "S"(0), "D"(0) : "memory");',
  "  if (r >= 0) return r;",
  "  errno = -r;",
  "  return -1;",
  "}",
  // A name in no file system; some servers fill it up with zeros to its full length.
  "static int reach(void) {",
  '  struct sockaddr_un name = {AF_UNIX, "\\0dkms-attack"};',
  "  socklen_t lengths[] = {offsetof(struct sockaddr_un, sun_path) + 12, sizeof name};",
  "  for (int i = 0; i < 2; i++)",
  "    if (connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, lengths[i]) == 0) return 0;",
  "  errno = EPERM;",
  "  return -1;",
  "}",
  "int main(int count, char **words) { signal(SIGSEGV, refused); switch (atoi(words[1])) {",
  ...calls.map(([, call], index) => `case ${index}: return ${call} != -1 || errno != EPERM;`),
  "} return 1; }",
].join("\n");

function quoted(text: string): string {
  return `'${text}'`;
}

/** Everything. What leaves no `GOT IT` is looked for on the machine afterwards. */
export const attacks: readonly Attack[] = [
  ...reads,
  ...writes,
  ...settings.map((name) => ({
    what: `writing the kernel's setting ${name}`,
    // What cannot be read is drop_caches, to which 4 changes nothing.
    lines: `v=$(cat /proc/sys/${name}) || v=4; echo "$v" >/proc/sys/${name} && echo GOT IT`,
  })),
  { what: "sysrq", lines: "echo h >/proc/sysrq-trigger && echo GOT IT", outside: "perhaps" },
  { what: "reading shadow", lines: "cat /etc/shadow && echo GOT IT" },
  { what: "reading the environment of the caller", lines: `env | grep -q ${secret} && echo GOT IT` },
  {
    what: "reading environments in /proc",
    lines: `cat /proc/*/environ | tr '\\0' '\\n' | grep -q ${secret} && echo GOT IT`,
  },
  {
    what: "a descriptor of the caller",
    lines: `for d in /proc/self/fd/*; do grep -q ${secret} $d/../..${secrets.home} $d${secrets.home} && echo GOT IT; done`,
  },
  {
    what: "another root by way of /proc",
    lines: `for p in /proc/[0-9]*; do grep -q ${secret} $p/root${secrets.home} $p/cwd${secrets.home} && echo GOT IT; done`,
  },
  {
    what: "seeing the processes of the machine",
    lines: '[[ -e /proc/$TEST_PID/comm && $(cat /proc/$TEST_PID/comm) == "$TEST_COMM" ]] && echo GOT IT',
  },
  {
    what: "sending signals to the test",
    lines: 'kill -0 "$TEST_PID" && [[ $(cat /proc/$TEST_PID/comm) == "$TEST_COMM" ]] && echo GOT IT',
  },
  { what: "a set-user-id bash", lines: 'cp /bin/bash "$S/shell"; chmod 6755 "$S/shell"' },
  {
    what: "a program that is set-user-id",
    lines:
      'for p in /usr/bin/su /usr/bin/mount /usr/bin/passwd; do [[ -u $p ]] && ! grep -q "^NoNewPrivs:.1" /proc/self/status && echo GOT IT; done',
  },
  {
    what: "a device of its own",
    lines: 'mknod "$S/disk" b 254 0 && echo GOT IT; mknod "$S/memory" c 1 1 && echo GOT IT',
  },
  {
    what: "devices of the machine",
    outside: "perhaps",
    lines:
      "for d in /dev/mem /dev/kmsg /dev/vda /dev/sda /dev/fuse /dev/loop-control /dev/kvm /dev/net/tun; do [[ -e $d ]] && echo GOT IT; done",
  },
  { what: "mounting", lines: "mount -t tmpfs none /tmp && echo GOT IT; mount --bind /usr /opt && echo GOT IT" },
  { what: "making /usr writable", lines: "mount -o remount,rw,bind /usr && echo GOT IT", outside: "not tried" },
  { what: "unmounting what hides", lines: "umount /tmp && echo GOT IT" },
  { what: "unmounting everything", lines: "umount -l / && echo GOT IT", outside: "not tried" },
  {
    what: "another user namespace",
    lines:
      "m=/proc/sys/user/max_user_namespaces; v=$(<$m); echo $((v + 9)) >$m; unshare --user --map-root-user true && echo GOT IT; echo $v >$m",
  },
  { what: "another mount namespace", lines: "unshare --mount true && echo GOT IT" },
  {
    what: "the namespaces of process 1",
    lines: `nsenter --target 1 --mount grep -q ${secret} ${secrets.home} && echo GOT IT`,
  },
  { what: "chroot", lines: "chroot / true && echo GOT IT" },
  { what: "changing to another user", lines: "setpriv --reuid 1 true && echo GOT IT" },
  { what: "giving a file to another user", lines: 'touch "$S/given"; chown 1:1 "$S/given" && echo GOT IT' },
  { what: "rights on a file", lines: 'cp /bin/true "$S/rights"; setcap cap_sys_admin+ep "$S/rights" && echo GOT IT' },
  {
    what: "a file that cannot be removed",
    lines: 'touch "$S/stubborn"; chattr +i "$S/stubborn" && echo GOT IT; chattr -i "$S/stubborn"',
    outside: "perhaps",
  },
  { what: "the log of the kernel", lines: "dmesg | grep -q . && echo GOT IT", outside: "perhaps" },
  { what: "names of the caller's keys", lines: "grep -q dkms-attack /proc/keys && echo GOT IT" },
  { what: "the keyring of the session", lines: "keyctl show | grep -q dkms-attack && echo GOT IT" },
  { what: "memory of the kernel", lines: "head -c 1 /proc/kcore | grep -q . && echo GOT IT", outside: "perhaps" },
  { what: "the clock", lines: 'date -s "@$(date +%s)" && echo GOT IT', outside: "perhaps" },
  {
    what: "the host's name",
    lines:
      'h=$(</proc/sys/kernel/hostname); echo "$h" >/proc/sys/kernel/hostname && [[ $(readlink /proc/self/ns/uts) == "$TEST_UTS" ]] && echo GOT IT',
  },
  { what: "a server of the machine", lines: "(exec 9<>/dev/tcp/127.0.0.1/$TEST_PORT) && echo GOT IT" },
  {
    what: "sockets in /run and /var",
    lines:
      "for s in /run/dkms-attack.sock /var/tmp/dkms-attack/sock /run/dbus /var/run; do [[ -e $s ]] && echo GOT IT; done",
  },
  // One compilation for all of them: a conf has ten seconds.
  ...calls.map(([what], index) => ({
    what,
    ...(what.endsWith(" of 32 bits") && { outside: "perhaps" as const }),
    lines: `[[ -x $S/calls ]] || gcc -x c -o "$S/calls" - <<<${quoted(callsProgram)} || { echo GOT IT; exit; }\n"$S/calls" ${index} || echo GOT IT`,
  })),
  {
    what: "loading a module",
    outside: "perhaps",
    lines: 'echo x >"$S/x.ko"; insmod "$S/x.ko" 2>&1 | grep -qi "invalid module format" && echo GOT IT',
  },
  { what: "never to be killed", lines: "echo -1000 >/proc/self/oom_score_adj && echo GOT IT", outside: "perhaps" },
  { what: "going before all others", lines: "renice -n -20 $$ && echo GOT IT", outside: "perhaps" },
  { what: "a link to the password file", lines: 'ln /etc/passwd "$S/passwd" && echo GOT IT' },
  {
    what: "changing a shared library",
    lines: 'l=$(ldd /bin/true | grep -o "/[^ ]*libc.so[^ ]*"); [[ -w $l ]] && : >>"$l" && echo GOT IT',
  },
];

/** Places that the attacks write to where they succeed. */
export const planted = attacks.flatMap(({ what }) =>
  what.startsWith("writing /") ? [what.slice("writing ".length)] : [],
);

/** Words before a command that give it a session keyring with a key, as whoever logs in has one. */
export const withKey = [
  ...["keyctl", "session", "-", "sh", "-c"],
  'keyctl add user dkms-attack x @s >/dev/null && exec "$@"',
  "sh",
] as const;

/** A script that tries them, by the rule all, and prints `HIT:n:` for each that worked, and `TRIED:n:` at its end. */
export function attackScript(told: Readonly<Record<string, string | number>>, tried = attacks): string {
  const known = Object.entries(told).map(([name, value]) => `export ${name}='${value}'`);
  const tries = tried.map(({ lines }, index) => `( ${lines}\n) 2>/dev/null | grep -q "GOT IT" && echo "HIT:${index}:"`);
  const own = "S=$(mktemp -d) || S=/tmp; export S";
  return ["#!/bin/bash", ...known, own, ...tries, `echo "TRIED:${tried.length}:"`, "exit 0", ""].join("\n");
}
