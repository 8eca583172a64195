/** The bash program that evaluates shell files and writes what came of them as words that end in NUL. */
import { frameworkKeys } from "../../model/settings/framework-settings.ts";
import { directiveNames, expressionSubjects } from "../../model/conf/raw-conf.ts";

const matches = Object.entries(expressionSubjects)
  .map(([name, subject]) => `_dkms_match ${name} "$${subject}"`)
  .join("; ");

/**
 * Three shells for each request, so that a faulty file can harm nothing but its own result. One that means harm may write into the first shell's
 * descriptors by way of /proc, and so answer itself, for other kernels too; no other file is evaluated in a sandbox with it (`shareSandboxes`).
 *
 * - the first only passes on what it reads from the second, counted, so that no content can look like the next result;
 * - the second knows dkms' variables and expands each value once more between double quotes, as the reference does;
 * - the third sources the files. They may leave it (`exit`), redefine every command, close descriptors or set traps: afterwards it takes its
 *   commands back by way of POSIX mode, in which special built-ins come before functions and which an assignment alone turns on.
 *
 * Results go through descriptors 249 and 250, up to a last word `end`, so that a program left in the background delays nothing; words that hold
 * content begin with `=`. Descriptors that we inherited are closed first: a lock that our caller holds must not live on in such a program.
 * stderr goes through a pipe (`cat`), since our own may be a socket, which `>/dev/stderr` in a file could not open.
 *
 * Words in, for each request: number, kind (`conf`, `framework`, `exports`), then three lists, each after its length: files, variables as
 * NAME=VALUE, directives as NAME=VALUE. Words out: number, count, and so many of: `file` =PATH · `value` NAME INDEX FORM [=TEXT, missing when
 * it cannot be expanded] · `verdict` NAME INDEX STATUS · `problem` KIND =DETAIL · `export` =NAME=VALUE · `end`, missing when the second shell died.
 */
export const confShell = `
for _dkms_descriptor in /proc/$$/fd/*; do
  _dkms_descriptor=\${_dkms_descriptor##*/}
  if [[ $_dkms_descriptor == +([0-9]) ]] && ((_dkms_descriptor > 2)); then exec {_dkms_descriptor}>&-; fi
done
shopt -s extglob
exec 2> >(exec cat >&2)
_dkms_cat=$!
exec 250>&1 >/dev/null
_dkms_bash=$BASH
_dkms_conf_names=(${directiveNames.join(" ")})
_dkms_framework_names=(${frameworkKeys.join(" ")})

# Words from descriptor 248 up to the word "end" become _dkms_words; fails when there is no such word.
_dkms_collect() {
  local word
  _dkms_words=()
  while IFS= read -r -d '' -u 248 word; do
    if [[ $word == end ]]; then return 0; fi
    _dkms_words+=("$word")
  done
  return 1
}

# Third shell: the files of _dkms_group one after the other, then what they have set.
_dkms_source() {
  exec 250>&1 >/dev/null 249>&-
  for _dkms_file in "\${_dkms_group[@]}"; do
    if [[ -d $_dkms_file || -p $_dkms_file || ! -r $_dkms_file ]]; then
      printf '%s\\0' problem unreadable "=$_dkms_file" >&250
      continue
    fi
    source "$_dkms_file"
    _dkms_status=$?
    # Either a syntax error or just a last command that failed: a bash that only reads the file knows.
    if [[ $_dkms_status != 0 ]] && ! "$_dkms_bash" -O extglob -n -- "$_dkms_file" 2>/dev/null; then
      _dkms_faulty+=("$_dkms_file")
    fi
  done
  _dkms_regain
  case $_dkms_kind in
    exports) /usr/bin/env -0 >&250 ;;
    conf) _dkms_assign; _dkms_values ;;
    *) _dkms_values ;;
  esac
  printf '%s\\0' end >&250
}

_dkms_regain() {
  POSIXLY_CORRECT=1
  unset -f unset set trap eval export printf shopt local
  set +o posix +o allexport +o errexit +o nounset +o xtrace +o verbose
  trap - DEBUG ERR RETURN EXIT
  unset POSIXLY_CORRECT
  shopt -u failglob nullglob nocasematch
  IFS=$' \\t\\n'
  for _dkms_file in "\${_dkms_faulty[@]}"; do printf '%s\\0' problem syntax "=$_dkms_file" >&250; done
}

# Assignments from outside: variables DKMS_DIRECTIVE*, then the command line. Without "=" the name is also the value.
_dkms_assign() {
  for _dkms_word in "\${!DKMS_DIRECTIVE@}"; do _dkms_export "\${!_dkms_word}"; done
  for _dkms_word in "\${_dkms_directives[@]}"; do _dkms_export "$_dkms_word"; done
}

_dkms_export() {
  export "\${1%%=*}=\${1#*=}" 2>/dev/null || printf '%s\\0' problem bad-assignment "=$1" >&250
}

# Every element of every name, as an unquoted expansion between two quotes gives it: blanks collapse, globs expand. A final CR is dropped.
_dkms_values() {
  local -n _dkms_ref
  for _dkms_ref in "\${_dkms_names[@]}"; do
    _dkms_form=scalar
    if [[ \${_dkms_ref@a} == *[aA]* ]]; then _dkms_form=array; fi
    for _dkms_index in "\${!_dkms_ref[@]}"; do
      _dkms_text=\${_dkms_ref[$_dkms_index]}
      if [[ -v "_dkms_known[\${!_dkms_ref}]" && $_dkms_text == "\${_dkms_known[\${!_dkms_ref}]}" ]]; then continue; fi
      _dkms_text=\${_dkms_text%$'\\r'}
      if [[ $_dkms_text == *[$' \\t\\n*?[(\\\\']* ]]; then
        _dkms_split=(\\"$_dkms_text\\")
        _dkms_text="\${_dkms_split[*]}"
        _dkms_text=\${_dkms_text#\\"}
        _dkms_text=\${_dkms_text%\\"}
      fi
      printf '%s\\0' value "\${!_dkms_ref}" "$_dkms_index" "$_dkms_form" "=$_dkms_text" >&250
    done
  done
}

# Second shell.
_dkms_expand() {
  exec 249>&1 >/dev/null 250>&-
  for _dkms_word in "\${_dkms_variables[@]}"; do printf -v "\${_dkms_word%%=*}" %s "\${_dkms_word#*=}"; done
  declare -A _dkms_known=()
  _dkms_faulty=()
  _dkms_group=("\${_dkms_files[@]}")
  case $_dkms_kind in
    conf)
      _dkms_names=("\${_dkms_conf_names[@]}")
      unset "\${_dkms_names[@]}"
      _dkms_evaluate
      ${matches}
      ;;
    framework)
      _dkms_names=("\${_dkms_framework_names[@]}")
      for _dkms_word in "\${_dkms_names[@]}"; do
        if [[ -v $_dkms_word ]]; then _dkms_known[$_dkms_word]=\${!_dkms_word}; fi
      done
      for _dkms_path in "\${_dkms_files[@]}"; do
        _dkms_group=("$_dkms_path")
        printf '%s\\0' file "=$_dkms_path" >&249
        _dkms_evaluate
      done
      ;;
    *) _dkms_evaluate ;;
  esac
  printf '%s\\0' end >&249
}

_dkms_evaluate() {
  exec 248< <(_dkms_source)
  _dkms_child=$!
  if ! _dkms_collect; then
    wait "$_dkms_child"
    printf '%s\\0' problem exited "=$?" >&249
    _dkms_words=()
  fi
  exec 248<&-
  # Word by word, since bash finds the next element of an array quickly and any other one slowly.
  for ((_dkms_at = 0; _dkms_at < \${#_dkms_words[@]}; _dkms_at++)); do
    _dkms_word=\${_dkms_words[_dkms_at]}
    if [[ $_dkms_word != value && $_dkms_word != problem ]]; then
      printf '%s\\0' export "=$_dkms_word" >&249
      continue
    fi
    _dkms_name=\${_dkms_words[++_dkms_at]}
    _dkms_index=\${_dkms_words[++_dkms_at]}
    if [[ $_dkms_word == problem ]]; then
      printf '%s\\0' problem "$_dkms_name" "$_dkms_index" >&249
      continue
    fi
    _dkms_form=\${_dkms_words[++_dkms_at]}
    _dkms_text=\${_dkms_words[++_dkms_at]#=}
    _dkms_target=$_dkms_name
    if [[ $_dkms_form == array ]]; then _dkms_target+="[$_dkms_index]"; fi
    printf '%s\\0' value "$_dkms_name" "$_dkms_index" "$_dkms_form" >&249
    _dkms_define
  done
}

# _dkms_text, expanded as between double quotes, becomes the value of _dkms_target.
_dkms_define() {
  case $_dkms_text in
    *[\\"\\\`\\$\\\\]*)
      _dkms_quote
      unset _dkms_value
      eval "_dkms_value=\\"$_dkms_quoted\\""
      if [[ ! -v _dkms_value ]]; then return; fi
      ;;
    *) _dkms_value=$_dkms_text ;;
  esac
  printf -v "$_dkms_target" %s "$_dkms_value"
  _dkms_known[\${_dkms_target%%\\[*}]=$_dkms_value
  printf '%s\\0' "=$_dkms_value" >&249
}

# _dkms_text with those of its double quotes escaped that would end the surrounding ones. Quotes inside of $(...), \`...\` or \${...} do not, nor do
# escaped ones: where a quote would complete a word in bash's own eyes, it stands outside of all these.
_dkms_quote() {
  _dkms_quoted=
  while [[ $_dkms_text == *\\"* ]]; do
    _dkms_quoted+=\${_dkms_text%%\\"*}
    _dkms_text=\${_dkms_text#*\\"}
    if [[ $_dkms_quoted != *[\\\`\\$\\\\]* ]] || (eval "_dkms_probe() { : \\"$_dkms_quoted\\"; }") 2>/dev/null; then
      _dkms_quoted+=\\\\
    fi
    _dkms_quoted+=\\"
  done
  _dkms_quoted+=$_dkms_text
}

_dkms_match() {
  local -n _dkms_ref=$1
  for _dkms_index in "\${!_dkms_ref[@]}"; do
    [[ $2 =~ \${_dkms_ref[$_dkms_index]} ]]
    printf '%s\\0' verdict "$1" "$_dkms_index" $? >&249
  done
}

# First shell.
while (($# > 0)); do
  _dkms_number=$1 _dkms_kind=$2
  shift 2
  _dkms_files=() _dkms_variables=() _dkms_directives=()
  for ((_dkms_left = $1; _dkms_left > 0; _dkms_left--)); do shift; _dkms_files+=("$1"); done
  shift
  for ((_dkms_left = $1; _dkms_left > 0; _dkms_left--)); do shift; _dkms_variables+=("$1"); done
  shift
  for ((_dkms_left = $1; _dkms_left > 0; _dkms_left--)); do shift; _dkms_directives+=("$1"); done
  shift
  printf '\\0%s\\0' "$_dkms_number" >&2
  exec 248< <(_dkms_expand)
  if _dkms_collect; then _dkms_words+=(end); fi
  exec 248<&-
  printf '%s\\0' "$_dkms_number" "\${#_dkms_words[@]}" "\${_dkms_words[@]}" >&250
done

# In the sandbox everything ends with this shell, also cat with what it has not passed on. A program that holds the pipe open delays it a moment only.
exec 2>&- 247<> <(:)
for ((_dkms_at = 0; _dkms_at < 50; _dkms_at++)); do
  kill -0 "$_dkms_cat" || break
  read -r -t 0.004 -u 247
done
`;
