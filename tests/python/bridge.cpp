// The C++ half of the tests of the bridge.

#include "modules.hpp"

PYBIND11_MODULE(bridge, module) {
    tests::bind_generators(module);
    tests::bind_tasks(module);
    tests::bind_exceptions(module);
}
