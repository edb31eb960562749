# CLIP's BPE merges, put beside the executables where they are found without a flag.
set(MKT_MERGES "${MKT_DEPS_DIR}/share/bpe_simple_vocab_16e6.txt" CACHE FILEPATH "CLIP's BPE merges, unpacked")
if(NOT EXISTS "${MKT_MERGES}")
  message(FATAL_ERROR "MKT_MERGES: no file '${MKT_MERGES}'. Run scripts/setup.sh, which downloads it.")
endif()
configure_file("${MKT_MERGES}" "${PROJECT_BINARY_DIR}/share/mkt/bpe_simple_vocab_16e6.txt" COPYONLY)
