#include "image/lettering.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cstring>

#include "core/utf8.h"

namespace mkt::image {
namespace {

constexpr int kBorder = 6;  // pixels around the text: letters can reach beyond the text's box

std::string clean_text(const std::string& text) {
  std::string clean;
  for (const char32_t c : decode_utf8(text)) append_utf8(c < U' ' || c == U'\x7F' ? U' ' : c, clean);
  return clean;
}

/// Blends premultiplied ARGB pixels over `image`.
void blend(cairo_surface_t* source, torch::Tensor& image, std::int64_t left, std::int64_t top) {
  const unsigned char* rows = cairo_image_surface_get_data(source);
  const std::int64_t stride = cairo_image_surface_get_stride(source);
  const std::int64_t bottom =
      std::min<std::int64_t>(top + cairo_image_surface_get_height(source), image.size(0));
  const std::int64_t right =
      std::min<std::int64_t>(left + cairo_image_surface_get_width(source), image.size(1));
  auto* pixels = image.data_ptr<std::uint8_t>();
  for (std::int64_t y = std::max<std::int64_t>(top, 0); y < bottom; ++y) {
    for (std::int64_t x = std::max<std::int64_t>(left, 0); x < right; ++x) {
      std::uint32_t argb = 0;
      std::memcpy(&argb, rows + (y - top) * stride + 4 * (x - left), 4);
      const std::uint32_t rest = 255 - (argb >> 24U);
      std::uint8_t* out = pixels + 3 * (y * image.size(1) + x);
      for (unsigned c = 0; c < 3; ++c) {
        const std::uint32_t over = argb >> (16 - 8 * c) & 0xFFU;
        out[c] = static_cast<std::uint8_t>(std::min<std::uint32_t>(over + (out[c] * rest + 127) / 255, 255));
      }
    }
  }
}

}  // namespace

struct Lettering::Layout {
  struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
  };

  std::unique_ptr<PangoContext, Unref> context;
  std::unique_ptr<PangoLayout, Unref> layout;

  PangoRectangle box() const {
    PangoRectangle logical;
    pango_layout_get_pixel_extents(layout.get(), nullptr, &logical);
    return logical;
  }
};

void require_fonts() {
  TORCH_CHECK(Lettering("0", 12).missing().empty(),
              "fonts: expected an installed font, got none. Install fonts-dejavu-core, for example.");
}

Lettering::Lettering(const std::string& text, std::int64_t size, std::int64_t most)
    : layout_(std::make_unique<Layout>()) {
  layout_->context.reset(pango_font_map_create_context(pango_cairo_font_map_get_default()));
  layout_->layout.reset(pango_layout_new(layout_->context.get()));
  PangoLayout* layout = layout_->layout.get();
  const std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)> font(
      pango_font_description_from_string("Sans"), pango_font_description_free);
  pango_font_description_set_absolute_size(font.get(), static_cast<double>(size) * PANGO_SCALE);
  pango_layout_set_font_description(layout, font.get());
  pango_layout_set_single_paragraph_mode(layout, TRUE);
  const std::string clean = clean_text(text);
  pango_layout_set_text(layout, clean.data(), static_cast<int>(clean.size()));
  if (most <= 0 || width() <= most) return;
  pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width(layout, static_cast<int>(most) * PANGO_SCALE);
}

Lettering::~Lettering() = default;
Lettering::Lettering(Lettering&&) noexcept = default;
Lettering& Lettering::operator=(Lettering&&) noexcept = default;

std::int64_t Lettering::width() const {
  return layout_->box().width;
}

std::int64_t Lettering::height() const {
  return layout_->box().height;
}

std::u32string Lettering::missing() const {
  std::u32string missing;
  PangoLayoutLine* line = pango_layout_get_line_readonly(layout_->layout.get(), 0);
  for (const GSList* at = line == nullptr ? nullptr : line->runs; at != nullptr; at = at->next) {
    const PangoGlyphString* glyphs = static_cast<PangoGlyphItem*>(at->data)->glyphs;
    for (int i = 0; i < glyphs->num_glyphs; ++i) {
      const PangoGlyph glyph = glyphs->glyphs[i].glyph;
      if (glyph != PANGO_GLYPH_EMPTY && (glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0)
        missing += static_cast<char32_t>(glyph & ~PANGO_GLYPH_UNKNOWN_FLAG);
    }
  }
  return missing;
}

void Lettering::draw(torch::Tensor& image, std::int64_t left, std::int64_t top, const Colour& colour) const {
  using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
  using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;
  const PangoRectangle box = layout_->box();
  const Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, box.width + 2 * kBorder, box.height + 2 * kBorder),
      cairo_surface_destroy);
  const Context context(cairo_create(surface.get()), cairo_destroy);
  cairo_set_source_rgb(context.get(), colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0);
  cairo_move_to(context.get(), kBorder - box.x, kBorder - box.y);
  pango_cairo_show_layout(context.get(), layout_->layout.get());
  cairo_surface_flush(surface.get());
  TORCH_CHECK(cairo_surface_status(surface.get()) == CAIRO_STATUS_SUCCESS,
              "cairo: expected an image of text, got: ",
              cairo_status_to_string(cairo_surface_status(surface.get())), ". Free some memory.");
  blend(surface.get(), image, left - kBorder, top - kBorder);
}

}  // namespace mkt::image
