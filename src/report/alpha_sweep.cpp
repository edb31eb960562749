#include "report/alpha_sweep.h"

#include <fmt/format.h>

#include <set>

#include "core/interrupt.h"
#include "core/log.h"
#include "io/json.h"
#include "mkt/clip/vision_encoder.h"
#include "model/weight_mean.h"

namespace mkt::report {
namespace {

scoring::ScoredImages score(const AlphaSweep& sweep, double alpha, data::DataLoader& loader,
                            session::Session& session) {
  scoring::ScoringOptions options = sweep.scoring;
  options.what = fmt::format("alpha {:g}", alpha);
  const auto encoder =
      clip::make_frozen_vision_encoder(model::mixed_weights(sweep.clip, sweep.tuned, alpha),
                                       session.runtime.frozen_dtype(), session.runtime.device);
  return scoring::score_images(encoder, loader, options, session);
}

}  // namespace

void check_alphas(const std::vector<double>& alphas) {
  std::set<double> known;
  for (const double alpha : alphas) {
    model::check_alpha(alpha);
    TORCH_CHECK_VALUE(known.insert(alpha).second, "alpha: expected distinct numbers, got ", alpha,
                      " twice. Name each once.");
  }
}

std::string sweep_alphas(const AlphaSweep& sweep, data::DataLoader& loader, session::Session& session) {
  check_alphas(sweep.alphas);
  std::string tables;
  nlohmann::ordered_json records = nlohmann::ordered_json::array();
  for (const double alpha : sweep.alphas) {
    const scoring::ScoredImages scored = score(sweep, alpha, loader, session);
    if (!session.is_main()) continue;
    const scoring::EvaluationResult result = scoring::evaluate(scored, sweep.dataset, sweep.metrics);
    const std::string ties = scoring::ties_warning(result, sweep.dataset);
    if (!ties.empty()) log::warning(fmt::format("alpha {:g}: {}", alpha, ties));
    if (const std::string small = scoring::k_warning(result); !small.empty()) log::warning_once(small);
    log::info("alpha {:g}: ZSL mAP {:.2f}, GZSL mAP {:.2f}", alpha, 100 * result.zsl.map,
              100 * result.gzsl.map);
    nlohmann::ordered_json record = {{"alpha", alpha}};
    record.update(scoring::to_json(result, sweep.dataset, /*with_classes=*/false));
    const double penalty = result.options.seen_penalty;
    if (penalty != 0) record["seen_penalty"] = {{"value", penalty}, {"fitted", false}};
    records.push_back(record);
    tables += fmt::format("{}alpha {:g}\n", tables.empty() ? "" : "\n", alpha) + scoring::to_table(result);
  }
  if (!session.is_main()) return "";
  const InterruptDelay until_written;
  if (!sweep.json.empty()) io::write_json(sweep.json, nlohmann::ordered_json{{"sweep", records}});
  return tables;
}

}  // namespace mkt::report
