#include "core/signal_queue.h"

#include <c10/util/Exception.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/hangup.h"

namespace mkt {

SignalQueue::SignalQueue() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
  if (!ignores_hangup()) sigaddset(&set, SIGHUP);  // a blocked signal would be queued although it is ignored
  fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  TORCH_CHECK(fd_ >= 0, "signals: no file descriptor for them: ", std::strerror(errno),
              ". Raise the limit of open files.");
  pthread_sigmask(SIG_BLOCK, &set, &before_);
}

SignalQueue::~SignalQueue() {
  close(fd_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int SignalQueue::next() const {
  signalfd_siginfo info{};
  return read(fd_, &info, sizeof(info)) == sizeof(info) ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace mkt
