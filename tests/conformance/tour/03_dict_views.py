def show(it):
    print(type(it).__name__, list(it))


# [views]
d = {'a': 1, 'b': 2}
show(iter(d))
show(iter(d.keys()))
show(iter(d.values()))
show(iter(d.items()))

items = d.items()
d['c'] = 3
print(list(items))  # a view is virtual: it shows the dict as it is now
# [views]
