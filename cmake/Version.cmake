# The version that --version, the metrics and the User-Agent show: git's own description, or the CHANGELOG's where there is no git.
set(KNM_RELEASE "0.1.0")
execute_process(
  COMMAND git -C "${PROJECT_SOURCE_DIR}" describe --tags --always --dirty --match "v*"
  OUTPUT_VARIABLE KNM_GIT_DESCRIBE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(KNM_GIT_DESCRIBE MATCHES "^v")
  string(SUBSTRING "${KNM_GIT_DESCRIBE}" 1 -1 KNM_VERSION)
elseif(KNM_GIT_DESCRIBE)
  set(KNM_VERSION "${KNM_RELEASE}-dev+g${KNM_GIT_DESCRIBE}")
else()
  set(KNM_VERSION "${KNM_RELEASE}")
endif()
