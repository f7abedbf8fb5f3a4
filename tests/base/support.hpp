#pragma once

// What the tests share: the text of what a call raises, and an object that counts what happens to it.

#include <string>
#include <typeinfo>
#include <utility>

namespace support {

/// The text of the Exception that the call raises: of exactly that class, not of one derived from it.
template <class Exception, class Call>
std::string raised(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const Exception& e) {
        return typeid(e) == typeid(Exception) ? e.what() : "(raised a derived class)";
    } catch (...) {
        return "(raised something else)";
    }
    return "(raised nothing)";
}

/// How often the objects that share it were made, copied, moved and destroyed.
struct tally {
    int made = 0;
    int copied = 0;
    int moved = 0;
    int destroyed = 0;

    int alive() const { return made + copied + moved - destroyed; }
    /// Each was destroyed, and none twice (which would make the sum negative).
    bool settled() const { return made > 0 && alive() == 0; }
};

class tracked {
public:
    explicit tracked(tally& counts, int number = 0) : value(number), counts_(&counts) { ++counts.made; }
    tracked(const tracked& other) : value(other.value), counts_(other.counts_) { ++counts_->copied; }
    tracked(tracked&& other) noexcept : value(std::exchange(other.value, -1)), counts_(other.counts_) {
        ++counts_->moved;
    }
    tracked& operator=(const tracked&) = delete;
    tracked& operator=(tracked&&) = delete;
    ~tracked() { ++counts_->destroyed; }

    int value;

private:
    tally* counts_;
};

/// Writes down its going: the order in which locals are destroyed.
class leaves_note {
public:
    leaves_note(std::string& journal, const char* note) : journal_(journal), note_(note) {}
    leaves_note(const leaves_note&) = delete;
    leaves_note& operator=(const leaves_note&) = delete;
    ~leaves_note() { journal_ += note_; }

private:
    std::string& journal_;
    const char* note_;
};

}  // namespace support
