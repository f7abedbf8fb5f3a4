# [fib]
def fib():
    a, b = 0, 1
    while True:
        yield a + b
        tmp = b
        b = a + b
        a = tmp
# [fib]


# [paused]
gen = fib()
print(next(gen))
print(next(gen))
print(next(gen))
print(next(gen))
print(next(gen))
print(next(gen))
# infinite for loop! (but for the break)
for x in gen:
    if x > 1000:
        break
    print(x)
print(next(gen))  # it is only paused
# [paused]
