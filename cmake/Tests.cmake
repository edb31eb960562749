# mkt_add_test(), for tests/. Tests wait longer for the compiler than they run: in a release build they are compiled
# with -O1, from a precompiled header of their own that has GoogleTest too.
find_package(GTest REQUIRED)

set(MKT_TEST_FLAGS $<$<CONFIG:Release>:-O1>)
add_library(mkt_test_pch OBJECT "${CMAKE_CURRENT_LIST_DIR}/pch.cpp")
target_link_libraries(mkt_test_pch PRIVATE mkt_options mkt::torch GTest::gtest)
target_compile_options(mkt_test_pch PRIVATE ${MKT_TEST_FLAGS})
target_precompile_headers(mkt_test_pch PRIVATE
  "${PROJECT_SOURCE_DIR}/include/mkt/torch.h"
  <gtest/gtest.h>
  <nlohmann/json.hpp>
  <filesystem>
  <fstream>
  <string>
  <vector>)

# mkt_add_test(NAME SOURCES a_test.cpp … USES targets … [LABELS labels …] [PROCESSORS n]): one GoogleTest executable
# and one CTest entry of that name. PROCESSORS: how many the test keeps busy (1), so that ctest -j runs it beside others
# or alone.
function(mkt_add_test name)
  cmake_parse_arguments(ARG "" "PROCESSORS" "SOURCES;USES;LABELS" ${ARGN})
  if(NOT ARG_PROCESSORS)
    set(ARG_PROCESSORS 1)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE
    mkt_options mkt::torch ${ARG_USES} mkt_test_support GTest::gtest GTest::gtest_main)
  target_compile_options(${name} PRIVATE ${MKT_TEST_FLAGS})
  target_precompile_headers(${name} REUSE_FROM mkt_test_pch)
  mkt_use_unity(${name} 0)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 PROCESSORS ${ARG_PROCESSORS} LABELS "${ARG_LABELS}"
    ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1;OMP_NUM_THREADS=2;OMP_WAIT_POLICY=passive")
endfunction()
