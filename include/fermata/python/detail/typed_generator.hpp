#pragma once

// bound_generator of a generator<Yield, Send, Return>.

#include <fermata/python/detail/bound_generator.hpp>
#include <fermata/python/detail/convert.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace fermata::inline v0::python::detail {

struct nothing_kept {
    static int traverse(visitproc, void*) noexcept { return 0; }
};

/// Kept: what must live as long as the generator does. Unlocked: the body runs without the GIL.
template <class Generator, class Kept = nothing_kept, bool Unlocked = false>
class typed_generator final : public bound_generator {
    using yield_type = typename Generator::yield_type;
    using send_type = typename Generator::send_type;
    using return_type = typename Generator::return_type;

public:
    explicit typed_generator(Generator made) : generator_(std::move(made)) {}
    /// make(kept) gives the generator, which may refer to what is kept.
    template <class Make>
    typed_generator(Kept&& kept, Make&& make) : kept_(std::move(kept)) {
        generator_.emplace(make(kept_));
    }

    PySendResult send(PyObject* value, PyObject*& result) override {
        const bool none = value == Py_None;
        if constexpr (std::is_void_v<send_type>) {
            if (!none && state() == generator_state::created) fermata::detail::raise_not_started();
            return step([&] { return generator_->next(); }, result);
        } else {
            if (fermata::detail::sends_none<send_type> && none) {
                return step([&] { return generator_->next(); }, result);
            }
            return send_value(value, result);
        }
    }

    PySendResult throw_(std::exception_ptr exception, PyObject*& result) override {
        return step([&] { return generator_->throw_(std::move(exception)); }, result);
    }

    PyObject* close() override {
        const auto close = [&] { return generator_->close(); };
        if constexpr (std::is_void_v<return_type>) {
            unlocked(close);
            return Py_NewRef(Py_None);
        } else {
            return to_python(unlocked(close));
        }
    }

    generator_state state() const noexcept override { return generator_->state(); }
    int traverse(visitproc visit, void* argument) const override { return kept_.traverse(visit, argument); }

private:
    // Before it has started and after it has ended, what is sent is not asked what it is, as in Python.
    PySendResult send_value(PyObject* value, PyObject*& result) {
        const bool none = value == Py_None;
        const generator_state now = state();
        if (now == generator_state::created && !none) fermata::detail::raise_not_started();
        if (now != generator_state::suspended || (none && !takes_none<send_type>)) {
            return step([&] { return generator_->next(); }, result);
        }
        auto sent = from_python<std::remove_cvref_t<send_type>>(value, "send() argument");
        return step([&] { return generator_->send(static_cast<send_type&&>(sent)); }, result);
    }

    template <class Step>
    PySendResult step(Step take, PyObject*& result) {
        auto taken = unlocked(take);
        if (taken) [[likely]] {
            result = yielded(taken);
            return PYGEN_NEXT;
        }
        if constexpr (std::is_void_v<return_type>) {
            result = Py_NewRef(Py_None);
        } else {
            result = to_python(std::move(taken).result());
        }
        return PYGEN_RETURN;
    }

    // Moved from where the body gave it away, as fermata::next does it.
    PyObject* yielded(typename Generator::step_type& taken) {
        using value = typename Generator::value_type;
        if constexpr (std::is_rvalue_reference_v<decltype(*taken)>) {
            return to_python(std::move(*taken));
        } else if constexpr (!std::is_trivially_copyable_v<value> && !std::is_reference_v<yield_type>) {
            if (fermata::detail::generator_access::frame_of(*generator_).given_away) {
                return to_python(std::move(const_cast<value&>(*taken)));
            }
            return to_python(*taken);
        } else {
            return to_python(*taken);
        }
    }

    template <class Call>
    static auto unlocked(Call& call) {
        if constexpr (Unlocked) {
            const py::gil_scoped_release released;
            return call();
        } else {
            return call();
        }
    }

    [[no_unique_address]] Kept kept_;
    std::optional<Generator> generator_;  // destroyed first: it may refer to what is kept
};

}  // namespace fermata::inline v0::python::detail
