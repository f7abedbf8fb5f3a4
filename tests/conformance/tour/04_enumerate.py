# [enumerate]
x = enumerate(('a', 'b'))
print(type(x).__name__)
it = iter(x)
print(type(it).__name__)
print(it is x)
print(next(it))
print(next(x))
# [enumerate]
