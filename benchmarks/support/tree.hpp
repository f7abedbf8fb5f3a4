#pragma once

// A complete binary tree of n nodes, each with its place in order, and what every walk of it must come to.

#include <cstddef>
#include <vector>

namespace measured {

struct node {
    const node* left = nullptr;
    const node* right = nullptr;
    int value = 0;
};

class tree {
public:
    explicit tree(long n) : nodes_(static_cast<std::size_t>(n)) {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (2 * i + 1 < nodes_.size()) nodes_[i].left = &nodes_[2 * i + 1];
            if (2 * i + 2 < nodes_.size()) nodes_[i].right = &nodes_[2 * i + 2];
            nodes_[i].value = static_cast<int>(i);
        }
    }
    const node* root() const { return nodes_.data(); }
    long sum() const { return static_cast<long>(nodes_.size()) * (static_cast<long>(nodes_.size()) - 1) / 2; }

private:
    std::vector<node> nodes_;
};

}  // namespace measured
