# System libraries other than LibTorch, each as one target.
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)

# Only three OpenCV modules are needed; Debian ships OpenCV's CMake files with the package of all of them.
find_path(MKT_OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
add_library(mkt_opencv INTERFACE)
add_library(mkt::opencv ALIAS mkt_opencv)
target_include_directories(mkt_opencv SYSTEM INTERFACE "${MKT_OPENCV_INCLUDE}")
foreach(module IN ITEMS imgcodecs imgproc core)
  find_library(MKT_OPENCV_${module} opencv_${module} REQUIRED)
  target_link_libraries(mkt_opencv INTERFACE "${MKT_OPENCV_${module}}")
endforeach()

# CMake's own module runs the C compiler and links everything that HDF5 was ever built with.
find_path(MKT_HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(MKT_HDF5_LIBRARY NAMES hdf5 hdf5_serial PATH_SUFFIXES hdf5/serial REQUIRED)
add_library(mkt_hdf5 INTERFACE)
add_library(mkt::hdf5 ALIAS mkt_hdf5)
target_include_directories(mkt_hdf5 SYSTEM INTERFACE "${MKT_HDF5_INCLUDE}")
target_link_libraries(mkt_hdf5 INTERFACE "${MKT_HDF5_LIBRARY}")

# Headers only: the library itself is inside LibTorch, which comes without them.
find_path(MKT_GLOO_INCLUDE gloo/context.h REQUIRED)
add_library(mkt_gloo INTERFACE)
add_library(mkt::gloo ALIAS mkt_gloo)
target_include_directories(mkt_gloo SYSTEM INTERFACE "${MKT_GLOO_INCLUDE}")
