#pragma once
// Textures of objects: whether a point (u, v), the texture's own coordinates in canvas pixels, has the second
// shade.

namespace mkt::demo::patterns {

bool plain(double u, double v);
bool striped(double u, double v);
bool dotted(double u, double v);
bool checkered(double u, double v);

bool wavy(double u, double v);
bool gridded(double u, double v);
bool speckled(double u, double v);

}  // namespace mkt::demo::patterns
