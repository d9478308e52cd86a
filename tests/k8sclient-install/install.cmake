# Installs the library from BUILD, builds a copy of PROJECT with it, and runs the program. All in the folder WORK.
function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nfailed with ${result}:\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
run("${CMAKE_COMMAND}" --install "${BUILD}" --component k8sclient --prefix "${WORK}/installed")
# A copy: the project must find no header beside it.
file(COPY "${PROJECT}/" DESTINATION "${WORK}/source")
run("${CMAKE_COMMAND}" -S "${WORK}/source" -B "${WORK}/build" -G "${GENERATOR}"
  -D "CMAKE_PREFIX_PATH=${WORK}/installed" -D "CMAKE_CXX_COMPILER=${COMPILER}"
  -D "CMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" -D "CMAKE_CXX_FLAGS=${FLAGS}"
  -D "CMAKE_EXE_LINKER_FLAGS=${LINKER_FLAGS}")
run("${CMAKE_COMMAND}" --build "${WORK}/build")

execute_process(COMMAND "${WORK}/build/pod-counter" "${WORK}/no-kubeconfig" ERROR_VARIABLE said RESULT_VARIABLE result)
string(FIND "${said}" "${WORK}/no-kubeconfig" named)
if(NOT result EQUAL 1 OR named EQUAL -1)
  message(FATAL_ERROR "pod-counter must refuse a missing kubeconfig by its name; it ended with ${result} and said:\n${said}")
endif()
