# [under_the_hood]
def print_all(x):
    # under the hood...
    # in the for loop, create an iterator
    it = iter(x)
    while True:
        try:
            print(next(it))
        except StopIteration:
            break
# [under_the_hood]


x = [1, 2, 3]
for i in x:
    print(i)

print_all(x)
print_all('abc')
print_all((1.5, 2.5))
