# One static library per room (folder of src/), so that a use against the order of the rooms does not link.

add_library(mkt_options INTERFACE)
target_compile_options(mkt_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align -Woverloaded-virtual
  -Wunused -Wformat=2 -Wduplicated-cond -Wlogical-op $<$<BOOL:${MKT_WERROR}>:-Werror>)
if(MKT_SANITIZE)
  target_compile_options(mkt_options INTERFACE -fsanitize=${MKT_SANITIZE} -fno-sanitize-recover=undefined
                                               -fno-omit-frame-pointer)
  target_link_options(mkt_options INTERFACE -fsanitize=${MKT_SANITIZE})
endif()
target_include_directories(mkt_options INTERFACE "${PROJECT_SOURCE_DIR}/include")

# All rooms share one precompiled copy of LibTorch's headers. Files that need little of them are better off without
# (PLAIN below): every user of the copy pays for the templates in it.
add_library(mkt_pch OBJECT "${CMAKE_CURRENT_LIST_DIR}/pch.cpp")
target_link_libraries(mkt_pch PRIVATE mkt_options mkt::torch Threads::Threads nlohmann_json::nlohmann_json)
target_precompile_headers(mkt_pch PRIVATE "${PROJECT_SOURCE_DIR}/include/mkt/core/torch.h" <nlohmann/json.hpp> <filesystem> <string> <vector>)

function(mkt_use_pch target)
  target_link_libraries(${target} PUBLIC mkt_options mkt::torch Threads::Threads nlohmann_json::nlohmann_json)
  target_precompile_headers(${target} REUSE_FROM mkt_pch)
endfunction()

# mkt_add_room(NAME SOURCES a.cpp … [PLAIN b.cpp …] [USES rooms and libraries …] [PRIVATE_USES libraries …])
function(mkt_add_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PLAIN;USES;PRIVATE_USES" ${ARGN})
  add_library(mkt_${name} STATIC ${ARG_SOURCES} ${ARG_PLAIN})
  set_source_files_properties(${ARG_PLAIN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  add_library(mkt::${name} ALIAS mkt_${name})
  target_link_libraries(mkt_${name} PUBLIC ${ARG_USES} PRIVATE ${ARG_PRIVATE_USES})
  mkt_use_pch(mkt_${name})
endfunction()

# mkt_add_test(NAME SOURCES a_test.cpp … USES rooms …): one GoogleTest executable and one CTest entry.
function(mkt_add_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_USES} mkt_test_support GTest::gtest GTest::gtest_main)
  mkt_use_pch(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests"
    UNITY_BUILD ${MKT_UNITY_TESTS} UNITY_BUILD_BATCH_SIZE 0)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 LABELS "${ARG_LABELS}"
    ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1;OMP_NUM_THREADS=2;OMP_WAIT_POLICY=passive")
endfunction()
