# [exhausted]
x = [1, 2, 3]
for i in x:
    print(i)

it = iter(x)  # returns an iterator
for i in it:
    print(i)

for i in x:
    print(i)  # works

for i in it:
    print(i)  # does not work as the iterator is exhausted
# [exhausted]

s = 'abc'
for c in iter(s):
    print(c)

# [default]
it = iter((10, 20))
print(next(it))
print(next(it))
print(next(it, -1))  # exhausted: the default, every time
print(next(it, -1))
# [default]
