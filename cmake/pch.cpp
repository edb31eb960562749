// Carrier of the precompiled header; see Rooms.cmake.
