# find_package(k8sclient): the target k8sclient::k8s_client, and its parts.
include(CMakeFindDependencyMacro)
find_dependency(Boost 1.81 COMPONENTS url)
find_dependency(OpenSSL)
find_dependency(Threads)
find_dependency(nlohmann_json 3.11)
find_dependency(yaml-cpp)
include("${CMAKE_CURRENT_LIST_DIR}/k8sclientTargets.cmake")
