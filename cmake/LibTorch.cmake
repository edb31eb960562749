# Finds LibTorch and defines mkt::torch.
#
# The package's own CMake files want a CUDA toolkit whenever the package was built with CUDA; the libraries
# themselves do not. So the target is made here from lib/ and include/, which serves CPU-only packages, CUDA
# packages without a toolkit, and CUDA packages with one.

set(MKT_TORCH_OLDEST 2.6)

function(mkt_find_torch_root result)
  foreach(candidate IN ITEMS "${MKT_TORCH_DIR}" "${Torch_DIR}" "$ENV{Torch_DIR}")
    if(candidate)
      if(EXISTS "${candidate}/TorchConfig.cmake") # <root>/share/cmake/Torch
        get_filename_component(candidate "${candidate}/../../.." ABSOLUTE)
      endif()
      set(${result} "${candidate}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  if(EXISTS "${MKT_DEPS_DIR}/torch_dir")
    file(STRINGS "${MKT_DEPS_DIR}/torch_dir" recorded LIMIT_COUNT 1)
    set(${result} "${recorded}" PARENT_SCOPE)
  endif()
endfunction()

function(mkt_torch_version root result)
  foreach(header IN ITEMS "torch/headeronly/version.h" "torch/csrc/api/include/torch/version.h")
    if(EXISTS "${root}/include/${header}")
      file(STRINGS "${root}/include/${header}" lines REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
      if(lines)
        string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
        string(REPLACE ";" "." version "${numbers}")
        set(${result} "${version}" PARENT_SCOPE)
        return()
      endif()
    endif()
  endforeach()
endfunction()

set(MKT_TORCH_ROOT "")
mkt_find_torch_root(MKT_TORCH_ROOT)
if(NOT EXISTS "${MKT_TORCH_ROOT}/lib/libtorch_cpu.so")
  message(FATAL_ERROR "LibTorch: expected lib/libtorch_cpu.so under '${MKT_TORCH_ROOT}'. "
                      "Run scripts/setup.sh, or name a folder with -DMKT_TORCH_DIR=DIR.")
endif()
set(MKT_TORCH_VERSION "")
mkt_torch_version("${MKT_TORCH_ROOT}" MKT_TORCH_VERSION)
if(MKT_TORCH_VERSION STREQUAL "" OR MKT_TORCH_VERSION VERSION_LESS MKT_TORCH_OLDEST)
  message(FATAL_ERROR "LibTorch: expected ${MKT_TORCH_OLDEST} or newer, got '${MKT_TORCH_VERSION}' in "
                      "${MKT_TORCH_ROOT}. Name another with -DMKT_TORCH_DIR=DIR.")
endif()

# CUDA kernels register themselves when their library is loaded: linking is all that it takes.
set(MKT_WITH_CUDA OFF)
if(NOT MKT_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "MKT_CUDA: expected AUTO, ON or OFF, got '${MKT_CUDA}'")
endif()
if(MKT_CUDA STREQUAL "ON")
  if(NOT EXISTS "${MKT_TORCH_ROOT}/lib/libtorch_cuda.so")
    message(FATAL_ERROR "MKT_CUDA=ON: ${MKT_TORCH_ROOT} is a CPU-only LibTorch. Use a CUDA build or MKT_CUDA=AUTO.")
  endif()
  set(MKT_WITH_CUDA ON)
elseif(MKT_CUDA STREQUAL "AUTO" AND EXISTS "${MKT_TORCH_ROOT}/lib/libtorch_cuda.so" AND EXISTS /dev/nvidiactl)
  set(MKT_WITH_CUDA ON)
endif()

# mkt::c10: headers and the exceptions; mkt::torch: all of it.
add_library(mkt_c10 INTERFACE)
add_library(mkt::c10 ALIAS mkt_c10)
add_library(mkt_torch INTERFACE)
add_library(mkt::torch ALIAS mkt_torch)
target_link_libraries(mkt_torch INTERFACE mkt_c10)
# -idirafter: the package brings a newer fmt, which must not shadow the system's (spdlog is built on that).
target_compile_options(mkt_c10 INTERFACE
  "SHELL:-idirafter ${MKT_TORCH_ROOT}/include"
  "SHELL:-idirafter ${MKT_TORCH_ROOT}/include/torch/csrc/api/include")
target_link_directories(mkt_c10 INTERFACE "${MKT_TORCH_ROOT}/lib")
target_link_options(mkt_c10 INTERFACE "-Wl,-rpath,${MKT_TORCH_ROOT}/lib" "-Wl,--allow-shlib-undefined")
if(MKT_WITH_CUDA)
  target_link_libraries(mkt_torch INTERFACE
    -Wl,--push-state,--no-as-needed torch_cuda c10_cuda -Wl,--pop-state torch_cpu c10)
  target_compile_definitions(mkt_torch INTERFACE MKT_WITH_CUDA)
else()
  target_link_libraries(mkt_torch INTERFACE torch_cpu)
endif()
target_link_libraries(mkt_c10 INTERFACE c10)
message(STATUS "LibTorch ${MKT_TORCH_VERSION}, CUDA libraries ${MKT_WITH_CUDA}: ${MKT_TORCH_ROOT}")
