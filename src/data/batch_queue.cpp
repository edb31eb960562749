#include "data/batch_queue.h"

#include <algorithm>
#include <utility>

namespace mkt::data {

BatchQueue::BatchQueue(const Shape& shape, Allocate allocate, Fill fill, std::int64_t row_bytes)
    : shape_(shape),
      allocate_(std::move(allocate)),
      fill_(std::move(fill)),
      row_bytes_(row_bytes),
      next_row_(std::min(shape.rows, shape.first_batch * shape.batch_size)),
      opened_rows_(next_row_),
      first_slot_(shape.first_batch) {
  open_slots();
  for (int i = 0; i < shape_.workers; ++i) threads_.emplace_back([this] { work(); });
}

BatchQueue::~BatchQueue() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  opened_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void BatchQueue::open_slots() {
  // Minimum number of batches that provide one row per worker thread: a batch can have fewer rows than there
  // are threads.
  const std::int64_t busy = (shape_.workers + shape_.batch_size - 1) / shape_.batch_size;
  const std::int64_t limit = shape_.workers == 0 ? 1 : busy + shape_.prefetch;
  while (static_cast<std::int64_t>(slots_.size()) < limit && opened_rows_ < shape_.rows) {
    const std::int64_t rows = std::min(shape_.batch_size, shape_.rows - opened_rows_);
    Slot slot;
    slot.batch = {allocate_(rows), std::vector<char>(static_cast<std::size_t>(rows)), opened_rows_};
    slot.left = rows;
    slots_.push_back(std::move(slot));
    opened_rows_ += rows;
  }
}

void BatchQueue::fill_row(std::int64_t position, Slot& slot) {
  const std::int64_t row = position - slot.batch.first;
  auto* memory = slot.batch.images.data_ptr<std::uint8_t>() + row * row_bytes_;
  bool good = false;
  std::exception_ptr failure;
  try {
    good = fill_(position, memory);
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  slot.batch.good[static_cast<std::size_t>(row)] = static_cast<char>(good);
  if (failure && (slot.failed_row < 0 || row < slot.failed_row)) {
    slot.failed_row = row;
    slot.failure = failure;
  }
  if (--slot.left == 0) filled_.notify_one();
}

void BatchQueue::work() {
  while (true) {
    std::unique_lock<std::mutex> lock(mutex_);
    opened_.wait(lock, [this] { return stopping_ || work_at_hand(); });
    if (stopping_) return;
    const std::int64_t position = next_row_++;
    Slot& slot = slots_[static_cast<std::size_t>(position / shape_.batch_size - first_slot_)];
    lock.unlock();
    fill_row(position, slot);
  }
}

std::optional<BatchQueue::Finished> BatchQueue::next() {
  if (slots_.empty()) return std::nullopt;
  while (threads_.empty() && work_at_hand()) fill_row(next_row_++, slots_.front());
  std::unique_lock<std::mutex> lock(mutex_);
  filled_.wait(lock, [this] { return slots_.front().left == 0; });
  Slot slot = std::move(slots_.front());
  slots_.pop_front();
  ++first_slot_;
  if (slot.failure) std::rethrow_exception(slot.failure);
  open_slots();
  lock.unlock();
  opened_.notify_all();
  return std::move(slot.batch);
}

}  // namespace mkt::data
