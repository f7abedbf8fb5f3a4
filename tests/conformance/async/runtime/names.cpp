#include "names.hpp"

#include <fermata/async.hpp>

namespace fuzz {

namespace {

using text = std::string;

template <class Error>
text named(const char* name, const Error& error) {
    const text what = error.what();
    return what.empty() ? name : name + (": " + what);
}

// From the derived to the base. Empty if it is none of these.
text name_of_runtime_error(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const fermata::broken_barrier_error& e) {
        return named("BrokenBarrierError", e);
    } catch (const fermata::deadlock_error& e) {
        return named("Deadlock", e);
    } catch (const fermata::runtime_error& e) {
        return named("RuntimeError", e);
    } catch (...) {
        return "";
    }
}

text name_of_queue_error(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const fermata::queue_empty& e) {
        return named("QueueEmpty", e);
    } catch (const fermata::queue_full& e) {
        return named("QueueFull", e);
    } catch (const fermata::queue_shutdown& e) {
        return named("QueueShutDown", e);
    } catch (...) {
        return "";
    }
}

text name_of_another(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const fermata::exception_group& e) {
        text all = named("ExceptionGroup", e) + " [";
        for (const std::exception_ptr& each : e.exceptions()) all += (all.back() == '[' ? "" : "; ") + name(each);
        return all + "]";
    } catch (const fermata::cancelled_error&) {
        return "CancelledError";
    } catch (const fermata::stop_iteration&) {
        return "StopIteration";
    } catch (const fermata::timeout_error& e) {
        return named("TimeoutError", e);
    } catch (const fermata::invalid_state_error& e) {
        return named("InvalidStateError", e);
    } catch (const fermata::value_error& e) {
        return named("ValueError", e);
    } catch (const fermata::type_error& e) {
        return named("TypeError", e);
    } catch (const demo_error& e) {
        return named("DemoError", e);
    } catch (const empty& e) {
        return named("Empty", e);
    } catch (...) {
        return "another exception";
    }
}

}  // namespace

text name(const std::exception_ptr& error) {
    if (text found = name_of_runtime_error(error); !found.empty()) return found;
    if (text found = name_of_queue_error(error); !found.empty()) return found;
    return name_of_another(error);
}

}  // namespace fuzz
