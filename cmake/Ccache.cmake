# Compiles through ccache where it is installed. The sloppiness settings let it cache units that use a
# precompiled header.
find_program(MKT_CCACHE ccache)
if(MKT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${MKT_CCACHE}")
endif()
