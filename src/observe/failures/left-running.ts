/** Programs that a command of a closed build leaves running: found when it has ended, told, and a failure of the build. */

/**
 * Text for bash, the first process but one of the sandbox: runs `$1` in a shell of its own with the parameter `$2`, leaves with its status, and writes the
 * names of what is still there to standard output, which the command does not have. Outputs that are still being piped away get a second to come to their end.
 */
export const attendingScript = `bash --norc --noprofile -c "$1" dkms "$2"
status=$?
for ((round = 0; round < 20; round += 1)); do
  left=
  for entry in /proc/[0-9]*; do
    pid=\${entry#/proc/}
    ((pid == 1 || pid == $$)) && continue
    # A name may have line breaks, or nothing but blanks.
    read -r -d '' name 2>/dev/null <"$entry/comm"
    [[ -e $entry/comm ]] || continue
    name=\${name%$'\\n'}
    [[ $name ]] || name='?'
    left+="\${name//[^[:graph:]]/?} "
  done
  [[ $left ]] || exit "$status"
  sleep 0.05
done
printf '%s%s\\n' 'dkms: left running: ' "\${left% }"
exit "$status"`;

const told = /^dkms: left running: (.+)$/m;

/** What was left running, in words; undefined when nothing was. */
export function leftRunning(output: string): string | undefined {
  return told.exec(output)?.[1]?.split(" ").join(", ");
}
