#pragma once
// Batches that threads fill row by row and that are given out in order.

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

/// Threads take single rows, the earliest first, of the next batch and of the `prefetch` batches after it. So
/// one slow image delays one row, not a thread's whole batch.
class BatchQueue {
 public:
  struct Shape {
    std::int64_t rows = 0;  ///< rows per epoch
    std::int64_t batch_size = 0;
    std::int64_t first_batch = 0;  ///< the batch to start with
    int prefetch = 0;
    int workers = 0;  ///< number of threads; 0: next() fills the rows itself
  };
  struct Finished {
    torch::Tensor images;    ///< memory from `allocate`
    std::vector<char> good;  ///< the result of `fill` for each row
    std::int64_t first = 0;  ///< position of the batch's first row in the epoch
  };
  /// Allocates memory for `rows` rows; called by the thread that calls the constructor and next().
  using Allocate = std::function<torch::Tensor(std::int64_t rows)>;
  /// Fills row `position` of the epoch at `memory`; called by any thread.
  using Fill = std::function<bool(std::int64_t position, std::uint8_t* memory)>;

  BatchQueue(const Shape& shape, Allocate allocate, Fill fill, std::int64_t row_bytes);
  /// Waits for rows that are being filled; drops the others.
  ~BatchQueue();
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  /// The next batch, or nothing at the end. Rethrows the exception of the first row in the batch whose `fill`
  /// failed.
  std::optional<Finished> next();

 private:
  struct Slot {
    Finished batch;
    std::int64_t left = 0;  ///< rows that are not filled yet
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
  std::int64_t next_row_;     // first row that no thread has taken
  std::int64_t opened_rows_;  // end of the rows that were given memory
  std::int64_t first_slot_;   // batch number of slots_.front()
  std::deque<Slot> slots_;    // a deque keeps references valid if it grows or shrinks at its ends
  bool stopping_ = false;
  std::mutex mutex_;
  std::condition_variable opened_;
  std::condition_variable filled_;
  std::vector<std::thread> threads_;
};

}  // namespace mkt::data
