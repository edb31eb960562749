#pragma once
// Prefetches batches: worker threads fill their rows, next() returns the batches in order.

#include <torch/types.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace mkt::data {

/// Worker threads fill single rows, the earliest first, of the next batch and of the `prefetch` batches after
/// it. One slow image therefore delays one row, not a thread's whole batch.
class BatchQueue {
 public:
  struct Shape {
    std::int64_t rows = 0;  ///< number of rows per epoch
    std::int64_t batch_size = 0;
    std::int64_t first_batch = 0;  ///< index of the first batch to produce
    int prefetch = 0;
    int workers = 0;  ///< number of threads; 0: next() fills the rows itself
  };
  struct Finished {
    torch::Tensor images;    ///< filled rows, in memory from `allocate`
    std::vector<char> good;  ///< return value of `fill` for each row
    std::int64_t first = 0;  ///< position of the batch's first row in the epoch
  };
  /// Allocates memory for `rows` rows. Called only by the thread that calls the constructor and next().
  using Allocate = std::function<torch::Tensor(std::int64_t rows)>;
  /// Writes row `position` of the epoch to `memory`; the result becomes Finished::good. Called by any thread.
  using Fill = std::function<bool(std::int64_t position, std::uint8_t* memory)>;

  BatchQueue(const Shape& shape, Allocate allocate, Fill fill, std::int64_t row_bytes);
  /// Waits for the rows that are being filled; discards the others.
  ~BatchQueue();
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  /// Returns the next batch, or nullopt at the end of the epoch. Rethrows the exception of the batch's first
  /// row whose `fill` failed.
  std::optional<Finished> next();

 private:
  struct Slot {
    Finished batch;
    std::int64_t left = 0;  ///< number of rows that are not filled yet
    std::int64_t failed_row = -1;
    std::exception_ptr failure;
  };

  void open_slots();
  void fill_row(std::int64_t position, Slot& slot);
  bool work_at_hand() const { return next_row_ < opened_rows_; }
  void work();

  Shape shape_;
  Allocate allocate_;
  Fill fill_;
  std::int64_t row_bytes_;
  std::int64_t next_row_;     // first row that is not assigned to a thread yet
  std::int64_t opened_rows_;  // memory is allocated for all rows before this one
  std::int64_t first_slot_;   // batch index of slots_.front()
  std::deque<Slot> slots_;    // deque: references stay valid when elements are added or removed at its ends
  bool stopping_ = false;
  std::mutex mutex_;
  std::condition_variable opened_;
  std::condition_variable filled_;
  std::vector<std::thread> threads_;
};

}  // namespace mkt::data
