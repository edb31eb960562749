# cmake -DSOURCE=src/page -DOUTPUT=embedded.cpp -P embed.cmake: writes page.css and page.js as C++ string constants.
file(READ "${SOURCE}/page.css" style)
file(READ "${SOURCE}/page.js" script)
configure_file("${SOURCE}/embedded.cpp.in" "${OUTPUT}" @ONLY)
