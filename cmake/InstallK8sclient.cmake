# The client library for others: cmake --install BUILD --component k8sclient --prefix DIR; then find_package(k8sclient).
# Headers and archives have folders of their own, since other packages may have names like base/ and libnet.a, too.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(k8sclient_targets base net k8s_packed k8s_store k8s_event k8s_queue k8s_client)
set(k8sclient_headers "${CMAKE_INSTALL_INCLUDEDIR}/k8sclient")
set(k8sclient_package "${CMAKE_INSTALL_LIBDIR}/cmake/k8sclient")

foreach(target IN LISTS k8sclient_targets)
  add_library(k8sclient::${target} ALIAS ${target})
  target_include_directories(${target} PUBLIC "$<INSTALL_INTERFACE:${k8sclient_headers}>")
  target_compile_features(${target} PUBLIC cxx_std_20)
endforeach()

install(TARGETS ${k8sclient_targets} EXPORT k8sclient
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/k8sclient" COMPONENT k8sclient)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/base" "${PROJECT_SOURCE_DIR}/net" "${PROJECT_SOURCE_DIR}/k8sclient"
  DESTINATION "${k8sclient_headers}" COMPONENT k8sclient FILES_MATCHING PATTERN "*.hpp" PATTERN "example" EXCLUDE)
install(EXPORT k8sclient NAMESPACE k8sclient:: FILE k8sclientTargets.cmake
  DESTINATION "${k8sclient_package}" COMPONENT k8sclient)

write_basic_package_version_file("${CMAKE_BINARY_DIR}/k8sclientConfigVersion.cmake"
  VERSION ${KNM_RELEASE} COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_SOURCE_DIR}/cmake/k8sclientConfig.cmake" "${CMAKE_BINARY_DIR}/k8sclientConfigVersion.cmake"
  DESTINATION "${k8sclient_package}" COMPONENT k8sclient)
