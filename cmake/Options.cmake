# Warnings and sanitizers, as one interface library that every target of ours links.
add_library(knm_options INTERFACE)
# Designated initializers leave the rest at its default: that is what they are for.
target_compile_options(knm_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
option(KNM_WERROR "Treat warnings as errors" ON)
if(KNM_WERROR)
  target_compile_options(knm_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside Boost and the standard library's own inlined code, never in ours.
  target_compile_options(knm_options INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict
                                               -Wno-non-virtual-dtor -Wno-mismatched-new-delete
                                               -Wno-dangling-pointer)
endif()
set(KNM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
if(KNM_SANITIZE)
  target_compile_options(knm_options INTERFACE -fsanitize=${KNM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(knm_options INTERFACE -fsanitize=${KNM_SANITIZE})
endif()
# An assert of a library must not stop the product, whatever a server sends; under sanitizers it is to be seen.
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
if(KNM_SANITIZE AND flags MATCHES "-DNDEBUG")
  message(FATAL_ERROR "A build with sanitizers keeps its asserts: take -DNDEBUG out of its flags.")
elseif(NOT KNM_SANITIZE AND flags MATCHES "-O[1-3s]" AND NOT flags MATCHES "-DNDEBUG")
  message(FATAL_ERROR "An optimized build is one that runs: add -DNDEBUG to its flags, so that no assert stops it.")
endif()

# Sources of a library that are compiled together, so that headers are read once for all of them: most of the time of a
# build is headers. A change of one source compiles its group: the dev preset, for the loop of edit and test, has none.
set(KNM_UNITY "8" CACHE STRING "The number of sources of a library that are compiled together; 0: each alone")

function(knm_unity target)
  if(KNM_UNITY GREATER 0)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${KNM_UNITY})
  endif()
endfunction()

# knm_library(NAME [SEPARATE] SOURCES... [LINK libs...]): a static library with our options and the repository root as
# include path. SEPARATE: each source is compiled alone, since they use one name for different things.
function(knm_library name)
  cmake_parse_arguments(ARG "SEPARATE" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE "$<BUILD_INTERFACE:knm_options>")
  if(NOT ARG_SEPARATE)
    knm_unity(${name})
  endif()
endfunction()

# knm_test(NAME [OPTIMIZED] SOURCES... [LINK libs...] [LABELS l...]): a GoogleTest program that ctest knows. Its own sources
# are compiled without optimization, which takes half of the time: a test spends its time in our libraries. OPTIMIZED: the
# test's own code is what takes the time, or templates that it shares with our libraries: the linker may take its copy.
# Unit and property tests are no part of `all`: `make test` builds them once, with sanitizers.
function(knm_test name)
  cmake_parse_arguments(ARG "OPTIMIZED" "" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  if(NOT ARG_OPTIMIZED)
    target_compile_options(${name} PRIVATE -O0)
  endif()
  if(ARG_LABELS MATCHES "unit|property")
    set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL TRUE)
  endif()
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gmock GTest::gtest_main knm_options)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  # One ctest entry a program: a process per case would cost more than the cases.
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 1200)
endfunction()
