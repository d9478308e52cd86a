# shellcheck shell=bash
# Sourced by scripts that run tests: which tests there are, and how each kind is run. The working
# folder is the repository.

# Builds with a preset the tests with these labels (a pattern), and nothing else. A test that is a
# program has its target's name.
build_labelled() {  # PRESET LABELS
  local programs
  scripts/build "$1" build.ninja || return
  mapfile -t programs < <(comm -12 \
    <(ctest --test-dir "build/$1" -L "$2" --show-only=json-v1 | jq -r '.tests[].name' | sort -u) \
    <(ninja -C "build/$1" -t targets all | sed -n 's/: phony$//p' | sort -u))
  if [[ ${#programs[@]} -eq 0 ]]; then
    echo "no tests are labelled $2" >&2
    return 1
  fi
  scripts/build "$1" "${programs[@]}"
}

ctest_labelled() {  # PRESET LABELS
  ctest --test-dir "build/$1" -L "$2" --no-tests=error --parallel "$(nproc)" --output-on-failure
}

# Folders with Python tests that ctest does not know. Each runs by itself: names may repeat.
python_suites() {
  local folder
  git ls-files 'tests/**/test_*.py' | xargs -rn1 dirname | sort -u | while read -r folder; do
    [[ -e $folder/CMakeLists.txt ]] || echo "$folder"
  done
}

# All files with tests that send real packets.
testbed_checks() {
  git ls-files ':(glob)tests/testbed/*_check.py' | xargs -rn1 basename
}

# Real packets on the testbed, all tests of a file or the given ones. They fail where the machine lacks something.
testbed_check() {  # FILE [TEST...]
  PYTHONDONTWRITEBYTECODE=1 python3 "tests/testbed/$1" "${@:2}"
}

# The tests of the whole system wait for servers most of the time, and each file has a control plane of its own: as many
# files at once as there are processors.
python_suite() {  # FOLDER
  local jobs=1
  [[ $1 == tests/system ]] && jobs=$(nproc)
  PYTHONDONTWRITEBYTECODE=1 scripts/python-suite --jobs "$jobs" "$1"
}
