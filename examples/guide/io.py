import asyncio
import os
import socket
import tempfile


# [serve]
async def shout(reader, writer):
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    writer.close()
# [serve]


# [talk]
async def talk(port):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(b'hello\nworld\n')
    await writer.drain()
    writer.write_eof()
    while line := await reader.readline():
        print(line.decode(), end='')
    writer.close()
# [talk]


# [both]
async def serve_and_talk():
    server = await asyncio.start_server(shout, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await talk(port)
# [both]


# [exactly]
async def measure():
    ours, theirs = socket.socketpair()
    reader, our_writer = await asyncio.open_connection(sock=ours)
    their_reader, writer = await asyncio.open_connection(sock=theirs)
    writer.write(b'12345678')
    writer.close()
    print((await reader.readexactly(5)).decode())
    try:
        await reader.readexactly(5)
    except asyncio.IncompleteReadError as error:
        print(error)
    our_writer.close()
# [exactly]


# [refused]
async def nobody_there():
    server = await asyncio.start_server(shout, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    try:
        await asyncio.open_connection('127.0.0.1', port)
    except ConnectionRefusedError:
        print('refused')
# [refused]


# [subprocess]
async def sort():
    process = await asyncio.create_subprocess_exec(
        'sort', '-n',
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate(b'10\n9\n8\n')
    print(output.decode(), end='')
    print(process.returncode)
# [subprocess]


# [file]
async def write_and_read(path):
    with open(path, 'w') as file:  # asyncio has no files
        file.write('one\ntwo\n')
    for line in open(path):
        print(line, end='')
# [file]


# [signal]
async def hear_a_signal():
    import signal
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, heard.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await heard.wait()
    print('heard')
# [signal]


async def main():
    await serve_and_talk()
    await measure()
    await nobody_there()
    await sort()
    with tempfile.TemporaryDirectory() as directory:
        await write_and_read(os.path.join(directory, 'lines.txt'))
    await hear_a_signal()


asyncio.run(main())
