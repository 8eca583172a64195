/** Text for bash that brings makes to the job slots which all builds share (GNU make manual, "POSIX Jobserver"). Descriptors 3 and 4 are the ends of their pipe. */

/** How a command comes to them: as a whole; each make in it that asks for several jobs; or not at all. */
export type SlotUse = "member" | "where-asked" | "outside";

/** What stands before a command. */
export function slotsText(use: SlotUse): string {
  return use === "member" ? forEveryMake : use === "where-asked" ? whereAsked : "";
}

/**
 * Since 4.4 make takes the pipe by a path too, and keeps descriptors from recipes that call `make` instead of `$(MAKE)`, which would then run one job at a time.
 * Descriptor 3 of each such process is the pipe.
 */
const forEveryMake = `case $(MAKEFLAGS= make --version 2>/dev/null) in
"GNU Make "[0-3].* | "GNU Make 4."[0-3]*) ;;
"GNU Make "*) MAKEFLAGS=\${MAKEFLAGS/=3,4/=fifo:/proc/self/fd/3} ;;
esac
`;

/**
 * A make with `-j8` leaves every jobserver. In a script of a module, such as the configure of ZFS with some hundred of them, it finds a `make` first that takes
 * the word away. A make without one, or with `-j1`, is as it was: its makefile may be good for one job only.
 */
const whereAsked = `if dkms_make=$(type -P make) && dkms_bin=$(mktemp -d); then
case $("$dkms_make" --version 2>/dev/null) in
"GNU Make "[0-3].* | "GNU Make 4."[0-3]*) dkms_pipe=3,4 ;;
*) dkms_pipe=fifo:/proc/self/fd/3 ;;
esac
{
echo "#!/bin/sh
dkms_make=$dkms_make dkms_flags='-j --jobserver-auth=$dkms_pipe'"
cat <<'END'
dkms_asked=
dkms_count=$#
while [ $dkms_count -gt 0 ]; do
  dkms_word=$1
  dkms_count=$((dkms_count - 1))
  shift
  case $dkms_word in
  -j | --jobs)
    case $1 in
    1) set -- "$@" "$dkms_word" ;;
    [0-9]*) shift; dkms_count=$((dkms_count - 1)); dkms_asked=yes ;;
    *) dkms_asked=yes ;;
    esac ;;
  -j1 | --jobs=1) set -- "$@" "$dkms_word" ;;
  -j[0-9]* | --jobs=*) dkms_asked=yes ;;
  *) set -- "$@" "$dkms_word" ;;
  esac
done
case "$dkms_asked $MAKEFLAGS" in
" "* | *--jobserver-auth=*) ;;
*"-- "*) export MAKEFLAGS="\${MAKEFLAGS%%-- *}$dkms_flags -- \${MAKEFLAGS#*-- }" ;;
*) export MAKEFLAGS="$MAKEFLAGS $dkms_flags" ;;
esac
exec "$dkms_make" "$@"
END
} >"$dkms_bin/make"
chmod 755 "$dkms_bin/make"
PATH=$dkms_bin:$PATH
fi
unset dkms_make dkms_bin dkms_pipe
`;
