# System libraries other than LibTorch, each as one target.
find_package(Threads REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(tomlplusplus REQUIRED)

# CMake's own module runs the C compiler and links everything that HDF5 was ever built with.
find_path(MKT_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(MKT_HDF5_LIBRARY NAMES hdf5 hdf5_serial PATH_SUFFIXES hdf5/serial REQUIRED)
add_library(mkt_hdf5 INTERFACE)
add_library(mkt::hdf5 ALIAS mkt_hdf5)
target_include_directories(mkt_hdf5 SYSTEM INTERFACE "${MKT_HDF5_INCLUDE}")
target_link_libraries(mkt_hdf5 INTERFACE "${MKT_HDF5_LIBRARY}")

# Unicode categories, normalisation and case; Debian ships no CMake files with it.
find_path(MKT_UTF8PROC_INCLUDE utf8proc.h REQUIRED)
find_library(MKT_UTF8PROC_LIBRARY utf8proc REQUIRED)
add_library(mkt_utf8proc INTERFACE)
add_library(mkt::utf8proc ALIAS mkt_utf8proc)
target_include_directories(mkt_utf8proc SYSTEM INTERFACE "${MKT_UTF8PROC_INCLUDE}")
target_link_libraries(mkt_utf8proc INTERFACE "${MKT_UTF8PROC_LIBRARY}")

# Headers only: the library itself is inside LibTorch, which comes without them.
find_path(MKT_GLOO_INCLUDE gloo/context.h REQUIRED)
add_library(mkt_gloo INTERFACE)
add_library(mkt::gloo ALIAS mkt_gloo)
target_include_directories(mkt_gloo SYSTEM INTERFACE "${MKT_GLOO_INCLUDE}")

# Two modules by name: OpenCV's own CMake files come with all of them and what they need.
find_path(MKT_OPENCV_INCLUDE opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(MKT_OPENCV_CORE opencv_core REQUIRED)
find_library(MKT_OPENCV_IMGPROC opencv_imgproc REQUIRED)
add_library(mkt_opencv INTERFACE)
add_library(mkt::opencv ALIAS mkt_opencv)
target_include_directories(mkt_opencv SYSTEM INTERFACE "${MKT_OPENCV_INCLUDE}")
# As needed: only the programs that draw load it at their start.
target_link_libraries(mkt_opencv INTERFACE
  -Wl,--push-state,--as-needed "${MKT_OPENCV_IMGPROC}" "${MKT_OPENCV_CORE}" -Wl,--pop-state)
