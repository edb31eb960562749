# CLIP's BPE merges, put beside the executables where they are found without a flag.
set(MKT_MERGES "${MKT_DEPS_DIR}/share/bpe_simple_vocab_16e6.txt" CACHE FILEPATH "CLIP's BPE merges, unpacked")
if(NOT EXISTS "${MKT_MERGES}")
  message(FATAL_ERROR "MKT_MERGES: no file '${MKT_MERGES}'. Run scripts/setup.sh, which downloads it.")
endif()
configure_file("${MKT_MERGES}" "${PROJECT_BINARY_DIR}/share/mkt/bpe_simple_vocab_16e6.txt" COPYONLY)

# OpenAI's 80 templates, found there as --phrases openai-80. The build does not need them.
set(MKT_TEMPLATES "${MKT_DEPS_DIR}/share/openai-80.json" CACHE FILEPATH "OpenAI's templates, a phrases file")
if(EXISTS "${MKT_TEMPLATES}")
  configure_file("${MKT_TEMPLATES}" "${PROJECT_BINARY_DIR}/share/mkt/openai-80.json" COPYONLY)
else()
  message(STATUS "No file '${MKT_TEMPLATES}': --phrases openai-80 needs it. scripts/setup.sh downloads it.")
endif()
