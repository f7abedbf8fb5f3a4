#pragma once

// The leanest ready queue: an intrusive list of callbacks.

#include <utility>

namespace bare {

struct callback {
    virtual void run() = 0;
    callback* next = nullptr;

    callback() = default;
    callback(const callback&) = delete;
    callback& operator=(const callback&) = delete;

protected:
    ~callback() = default;
};

class fifo {
public:
    void push(callback& c) {
        c.next = nullptr;
        *end_ = &c;
        end_ = &c.next;
    }
    void run() {
        while (first_) {
            callback& c = *std::exchange(first_, first_->next);
            if (!first_) end_ = &first_;
            c.run();
        }
    }

private:
    callback* first_ = nullptr;
    callback** end_ = &first_;
};

}  // namespace bare
