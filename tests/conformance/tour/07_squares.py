# [squares]
def g():
    for i in range(10):
        yield i ** 2
# [squares]


# [exhausted]
gen = g()
while True:
    try:
        print(next(gen))
    except StopIteration:
        print('No more values')
        break
# [exhausted]
