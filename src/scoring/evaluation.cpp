#include "scoring/evaluation.h"

#include <utility>

#include "core/log.h"
#include "core/progress.h"
#include "core/stop.h"
#include "mkt/image/transforms.h"

namespace mkt::scoring {
namespace {

/// Gathers the scores of all ranks on rank 0, in the order of the data set's list; other ranks get an empty
/// result. Gathers one block of rows at a time to limit memory.
ScoredImages gathered(ScoredImages own, distributed::Communicator& ranks) {
  if (ranks.size() == 1) return own;
  constexpr std::int64_t kBlock = 4096;
  const torch::Tensor indices = torch::tensor(own.indices, torch::kInt64);
  const torch::Tensor sorted = std::get<0>(ranks.all_gather(indices).sort());  // (N)
  ScoredImages all = own;
  if (ranks.is_main()) {
    for (torch::Tensor* table : all.tables()) *table = torch::empty({sorted.size(0), table->size(1)});
    all.indices.assign(sorted.data_ptr<std::int64_t>(), sorted.data_ptr<std::int64_t>() + sorted.numel());
  }
  const std::int64_t rounds = ranks.agree((indices.size(0) + kBlock - 1) / kBlock);
  for (std::int64_t round = 0; round < rounds; ++round) {
    const auto block = [&](const torch::Tensor& rows) {
      return ranks.all_gather(rows.slice(0, round * kBlock, (round + 1) * kBlock));
    };
    const torch::Tensor places = torch::searchsorted(sorted, block(indices));
    for (std::size_t i = 0; i < own.tables().size(); ++i) {
      const torch::Tensor rows = block(*own.tables()[i]);
      if (ranks.is_main()) all.tables()[i]->index_copy_(0, places, rows);
    }
  }
  return ranks.is_main() ? all : ScoredImages();
}

/// Allocates uninitialised score tensors for `images` images.
ScoredImages empty_tables(std::int64_t images, const ScoringOptions& options) {
  const std::int64_t labels = options.label_features.size(0);
  ScoredImages scored{torch::empty({images, labels - options.seen}), torch::empty({images, labels}), {}, {}};
  for (const data::LabelSet& set : options.sets)
    scored.sets.push_back(torch::empty({images, static_cast<std::int64_t>(set.labels.size())}));
  return scored;
}

/// Appends a batch's scores; `indices` are its images' positions in the data set's list.
void add_scores(const model::BranchScores& raw, const ScoringOptions& options, model::ScoreKind kind,
                const std::vector<std::int64_t>& indices, ScoredImages& scored) {
  const auto rule = [&](std::size_t setting) {
    return kind == model::ScoreKind::kStandard ? model::ScoreRule(options.statistics.at(setting))
                                               : model::ScoreRule(kind, options.logit_scale);
  };
  const model::ZeroShotScores scores = model::zero_shot_scores(raw, options.seen, rule(0), rule(1));
  const auto done = static_cast<std::int64_t>(scored.indices.size());
  const std::int64_t end = done + scores.zsl.size(0);
  scored.zsl.slice(0, done, end).copy_(scores.zsl);    // (B, U)
  scored.gzsl.slice(0, done, end).copy_(scores.gzsl);  // (B, S + U)
  for (std::size_t i = 0; i < options.sets.size(); ++i) {
    const torch::Tensor labels =
        torch::tensor(options.sets[i].labels, raw.global.options().dtype(torch::kInt64));
    scored.sets[i].slice(0, done, end).copy_(model::combine(raw.labels(labels), rule(i + 2)));
  }
  scored.indices.insert(scored.indices.end(), indices.begin(), indices.end());
}

void log_end(const data::DataLoader& loader, std::int64_t scored, double rate) {
  log::info("scored {} images at {} images per second", scored, rate_text(rate));
  if (loader.bad_images() > 0)
    log::warning("{} of {} images could not be read", loader.bad_images(), loader.images());
  if (const std::string text = data::damage_text(loader.damaged_images(), loader); !text.empty())
    log::warning(text);
}

}  // namespace

std::vector<torch::Tensor*> ScoredImages::tables() {
  std::vector<torch::Tensor*> all = {&zsl, &gzsl};
  for (torch::Tensor& set : sets) all.push_back(&set);
  return all;
}

std::int64_t score_batches(
    const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader, const ScoringOptions& options,
    session::Session& session,
    const std::function<void(const model::BranchScores&, const std::vector<std::int64_t>&)>& use) {
  torch::NoGradGuard no_grad;
  Progress progress(options.what, loader.images(), "images");
  std::int64_t done = 0;
  loader.start(0);
  const std::int64_t rounds = session.ranks.agree(loader.batches());  // ranks may differ by one image
  for (std::int64_t round = 0; round < rounds; ++round) {
    session::stop_if_asked(session);
    const auto batch = loader.next();
    if (!batch || batch->images.size(0) == 0) continue;
    const torch::Tensor images =
        image::normalize(batch->images, loader.preprocessing(), session.runtime.device);  // (B, 3, H, H)
    use(model::branch_scores(model::image_features(encoder.forward(images)), options.label_features,
                             options.local),  // (B, S + U)
        batch->indices);
    progress.update(done += images.size(0));
  }
  log_end(loader, done, progress.rate());
  return done;
}

ScoredImages score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                          const ScoringOptions& options, session::Session& session) {
  return std::move(score_images(encoder, loader, options, {options.kind}, session).front());
}

std::vector<ScoredImages> score_images(const clip::FrozenVisionEncoder& encoder, data::DataLoader& loader,
                                       const ScoringOptions& options,
                                       const std::vector<model::ScoreKind>& kinds,
                                       session::Session& session) {
  const torch::NoGradGuard no_grad;
  std::vector<ScoredImages> scored;
  for (std::size_t i = 0; i < kinds.size(); ++i) scored.push_back(empty_tables(loader.images(), options));
  const std::int64_t done =
      score_batches(encoder, loader, options, session,
                    [&](const model::BranchScores& raw, const std::vector<std::int64_t>& indices) {
                      for (std::size_t i = 0; i < kinds.size(); ++i)
                        add_scores(raw, options, kinds[i], indices, scored[i]);
                    });
  for (ScoredImages& one : scored) {
    for (torch::Tensor* table : one.tables()) *table = table->slice(0, 0, done);
    one = gathered(std::move(one), session.ranks);
  }
  return scored;
}

}  // namespace mkt::scoring
