# shellcheck shell=bash
# Sourced by scripts that run several steps: each is announced, timed, and listed at the end.
#   stage NAME COMMAND...   runs a step, remembers how it ended and goes on; false if it failed
#   stages_end              prints the table; false if any step failed
_stage_names=()
_stage_seconds=()
_stage_results=()

stage() {
  local name=$1 began=$EPOCHSECONDS result=passed
  shift
  printf '\n=== %s\n' "$name"
  "$@" || result=FAILED
  _stage_names+=("$name")
  _stage_seconds+=($((EPOCHSECONDS - began)))
  _stage_results+=("$result")
  printf '=== %s: %s after %d s\n' "$name" "$result" $((EPOCHSECONDS - began))
  [[ $result == passed ]]
}

stages_end() {
  local i all=0 failed=0
  printf '\n%-44s %8s  %s\n' stage seconds result
  for i in "${!_stage_names[@]}"; do
    printf '%-44s %8d  %s\n' "${_stage_names[i]}" "${_stage_seconds[i]}" "${_stage_results[i]}"
    all=$((all + _stage_seconds[i]))
    [[ ${_stage_results[i]} == passed ]] || failed=$((failed + 1))
  done
  printf '%-44s %8d  %s\n' "all of ${1:-it}" "$all" "$([[ $failed -eq 0 ]] && echo passed || echo "$failed FAILED")"
  [[ $failed -eq 0 ]]
}
