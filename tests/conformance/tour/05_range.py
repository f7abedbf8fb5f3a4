# [range]
r = range(0, 10)
it = iter(r)
while True:
    try:
        print(next(it))
    except StopIteration:
        break
# [range]
