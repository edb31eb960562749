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

# Image formats beside JPEG and PNG; Debian ships CMake files with some of them only. As needed: programs that decode
# no images do not load them.
find_package(TIFF REQUIRED)
find_package(GIF REQUIRED)
find_path(MKT_WEBP_INCLUDE webp/demux.h REQUIRED)
find_library(MKT_WEBP_LIBRARY webp REQUIRED)
find_library(MKT_WEBPDEMUX_LIBRARY webpdemux REQUIRED)
find_path(MKT_HEIF_INCLUDE libheif/heif.h REQUIRED)
find_library(MKT_HEIF_LIBRARY heif REQUIRED)
add_library(mkt_image_libraries INTERFACE)
add_library(mkt::image_libraries ALIAS mkt_image_libraries)
target_include_directories(mkt_image_libraries SYSTEM INTERFACE
  "${TIFF_INCLUDE_DIR}" "${GIF_INCLUDE_DIR}" "${MKT_WEBP_INCLUDE}" "${MKT_HEIF_INCLUDE}")
target_link_libraries(mkt_image_libraries INTERFACE
  -Wl,--push-state,--as-needed "${MKT_WEBPDEMUX_LIBRARY}" "${MKT_WEBP_LIBRARY}" ${TIFF_LIBRARIES} ${GIF_LIBRARIES}
  "${MKT_HEIF_LIBRARY}" -Wl,--pop-state)

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

# Text in images. As needed: only the programs that write text into images load it at their start.
find_package(PkgConfig REQUIRED)
pkg_check_modules(MKT_PANGO REQUIRED pangocairo)
add_library(mkt_pango INTERFACE)
add_library(mkt::pango ALIAS mkt_pango)
target_include_directories(mkt_pango SYSTEM INTERFACE ${MKT_PANGO_INCLUDE_DIRS})
target_link_libraries(mkt_pango INTERFACE
  -Wl,--push-state,--as-needed ${MKT_PANGO_LINK_LIBRARIES} -Wl,--pop-state)
