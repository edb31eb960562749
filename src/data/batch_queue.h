#pragma once
// Batches filled row by row by threads, given out in order.

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

/// Threads take single rows, the earliest first, of the batch waited for and the `prefetch` after it; so one
/// slow image does not hold up a thread's whole batch.
class BatchQueue {
 public:
  struct Shape {
    std::int64_t rows = 0;  ///< of the whole epoch
    std::int64_t batch_size = 0;
    std::int64_t first_batch = 0;  ///< where to begin
    int prefetch = 0;
    int workers = 0;  ///< 0: rows are filled by next()
  };
  struct Finished {
    torch::Tensor images;    ///< what `allocate` gave
    std::vector<char> good;  ///< for each row, what `fill` returned
    std::int64_t first = 0;  ///< the epoch's row that is this batch's first
  };
  /// Memory for so many rows; called from the thread that calls the constructor and next().
  using Allocate = std::function<torch::Tensor(std::int64_t rows)>;
  /// Fills the epoch's row `position` at `memory`; called from any thread.
  using Fill = std::function<bool(std::int64_t position, std::uint8_t* memory)>;

  BatchQueue(const Shape& shape, Allocate allocate, Fill fill, std::int64_t row_bytes);
  /// Waits for the rows being filled, not for those not begun.
  ~BatchQueue();
  BatchQueue(const BatchQueue&) = delete;
  BatchQueue& operator=(const BatchQueue&) = delete;

  /// The next batch; nothing at the end. Throws what `fill` threw for the batch's earliest row that failed.
  std::optional<Finished> next();

 private:
  struct Slot {
    Finished batch;
    std::int64_t left = 0;  ///< rows not yet filled
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
  std::int64_t next_row_;     ///< first row that no thread has taken
  std::int64_t opened_rows_;  ///< rows that have memory, or had
  std::int64_t first_slot_;   ///< batch of slots_.front()
  std::deque<Slot> slots_;    ///< references stay valid when it grows or shrinks at its ends
  bool stopping_ = false;
  std::mutex mutex_;
  std::condition_variable opened_;
  std::condition_variable filled_;
  std::vector<std::thread> threads_;
};

}  // namespace mkt::data
