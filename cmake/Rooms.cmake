# One static library per room (folder of src/). A room may use only the rooms that stand before it on the ladder,
# so that a use against the order fails while CMake runs.

# A line per floor, the lowest first; a room may also use those before it on its own floor. CONTRIBUTING.md says what
# each room is for.
set(MKT_ROOMS
  core io
  weights text lists codecs image page
  nn optim distributed loss metrics
  clip model data session
  artifact labels scoring
  formats tagging report train imports check nus_wide world demo
  cli commands)

# Flags for every target. Those that only GCC knows go to GCC alone; clang would warn about each of them.
add_library(mkt_options INTERFACE)
target_compile_options(mkt_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align -Woverloaded-virtual
  -Wunused -Wformat=2
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
  $<$<BOOL:${MKT_WERROR}>:-Werror>)
if(MKT_SANITIZE)
  target_compile_options(mkt_options INTERFACE -fsanitize=${MKT_SANITIZE} -fno-sanitize-recover=undefined
                                               -fno-omit-frame-pointer)
  target_link_options(mkt_options INTERFACE -fsanitize=${MKT_SANITIZE})
endif()
target_include_directories(mkt_options INTERFACE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
target_link_libraries(mkt_options INTERFACE Threads::Threads nlohmann_json::nlohmann_json)

# Rooms with LibTorch share one precompiled copy of its headers. Each object compiled with the copy first pays for the
# templates that those headers use, 3 seconds, so MKT_UNITY compiles the sources of a room in a few batches. Without
# it, sources that include little of LibTorch compile faster without the copy: PLAIN below.
add_library(mkt_pch OBJECT "${CMAKE_CURRENT_LIST_DIR}/pch.cpp")
target_link_libraries(mkt_pch PRIVATE mkt_options mkt::torch)
target_precompile_headers(mkt_pch PRIVATE
  "${PROJECT_SOURCE_DIR}/include/mkt/torch.h"
  <nlohmann/json.hpp>
  <filesystem>
  <string>
  <vector>)

function(mkt_use_pch target)
  target_link_libraries(${target} PUBLIC mkt_options mkt::torch)
  target_precompile_headers(${target} REUSE_FROM mkt_pch)
endfunction()

# mkt_use_unity(TARGET LARGEST): batches of about equal size, none over LARGEST sources (0: one batch).
# A source that needs its own flags or macros sets SKIP_UNITY_BUILD_INCLUSION.
function(mkt_use_unity target largest)
  set(size 0)
  if(largest GREATER 0)
    get_target_property(sources ${target} SOURCES)
    list(LENGTH sources count)
    math(EXPR batches "(${count} + ${largest} - 1) / ${largest}")
    math(EXPR size "(${count} + ${batches} - 1) / ${batches}")
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${MKT_UNITY} UNITY_BUILD_BATCH_SIZE ${size})
endfunction()

function(mkt_check_uses name)
  list(FIND MKT_ROOMS ${name} own)
  foreach(room IN LISTS ARGN)
    list(FIND MKT_ROOMS ${room} place)
    if(place EQUAL -1 OR NOT place LESS own)
      message(FATAL_ERROR "src/${name}: expected rooms that stand before it on the ladder (cmake/Rooms.cmake), got ${room}.")
    endif()
  endforeach()
endfunction()

# mkt_add_room(NAME [NO_TORCH | TORCH_INSIDE] SOURCES a.cpp … [PLAIN b.cpp …] [USES rooms …]
#              [PUBLIC_LIBRARIES libraries …] [LIBRARIES libraries …])
# NO_TORCH: of LibTorch only c10's exceptions. TORCH_INSIDE: those for the rooms that use this one, all of LibTorch for
# its own sources.
function(mkt_add_room name)
  cmake_parse_arguments(ARG "NO_TORCH;TORCH_INSIDE" "" "SOURCES;PLAIN;USES;PUBLIC_LIBRARIES;LIBRARIES" ${ARGN})
  mkt_check_uses(${name} ${ARG_USES})
  add_library(mkt_${name} STATIC ${ARG_SOURCES} ${ARG_PLAIN})
  set_source_files_properties(${ARG_PLAIN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  add_library(mkt::${name} ALIAS mkt_${name})
  list(TRANSFORM ARG_USES PREPEND mkt::)
  target_link_libraries(mkt_${name} PUBLIC ${ARG_USES} ${ARG_PUBLIC_LIBRARIES} PRIVATE ${ARG_LIBRARIES})
  if(ARG_NO_TORCH)
    target_link_libraries(mkt_${name} PUBLIC mkt_options mkt::c10)
  elseif(ARG_TORCH_INSIDE)
    target_link_libraries(mkt_${name} PUBLIC mkt_options mkt::c10 PRIVATE mkt::torch)
    target_precompile_headers(mkt_${name} REUSE_FROM mkt_pch)
  else()
    mkt_use_pch(mkt_${name})
  endif()
  mkt_use_unity(mkt_${name} 10)
endfunction()
