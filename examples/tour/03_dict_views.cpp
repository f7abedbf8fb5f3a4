#include "programs.hpp"
#include "python.hpp"

#include <fermata/iteration.hpp>

#include <map>
#include <string>
#include <type_traits>
#include <utility>

namespace tour {

namespace {

using dict = std::map<std::string, int>;

//  type(it).__name__
template <class View>
const char* type_name(const fermata::iterator<View>&) {
    if (std::is_same_v<View, decltype(fermata::keys(std::declval<dict&>()))>) return "dict_keyiterator";
    if (std::is_same_v<View, decltype(fermata::values(std::declval<dict&>()))>) return "dict_valueiterator";
    if (std::is_same_v<View, decltype(fermata::items(std::declval<dict&>()))>) return "dict_itemiterator";
    return "another type";
}

template <class Iterator>
void show(Iterator it) {
    print(type_name(it), list(it));
}

}  // namespace

//  def show(it):
//      print(type(it).__name__, list(it))
//
//  d = {'a': 1, 'b': 2}
//  show(iter(d))
//  show(iter(d.keys()))
//  show(iter(d.values()))
//  show(iter(d.items()))
//
//  items = d.items()
//  d['c'] = 3
//  print(list(items))  # a view is virtual: it shows the dict as it is now
void dict_views() {
    // [views]
    dict d = {{"a", 1}, {"b", 2}};
    show(fermata::iter(fermata::keys(d)));  // C++'s own loop over a map goes over its pairs, not its keys
    show(fermata::iter(fermata::keys(d)));
    show(fermata::iter(fermata::values(d)));
    show(fermata::iter(fermata::items(d)));

    auto items = fermata::items(d);
    d["c"] = 3;
    print(list(items));
    // [views]
}

}  // namespace tour
