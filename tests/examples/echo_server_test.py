"""echo_server, with asyncio and nc as its clients."""

import asyncio
import shutil
import socket
import subprocess
import unittest

import serving


class EchoServer(unittest.TestCase):
    def test_a_hundred_clients_get_back_what_they_sent(self):
        async def client(port, number):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for turn in range(20):
                line = f"{number} {turn} {'x' * number * turn}\n".encode()
                writer.write(line)
                await writer.drain()
                self.assertEqual(await reader.readexactly(len(line)), line)
            writer.write_eof()
            self.assertEqual(await reader.read(), b"")
            writer.close()

        async def clients(port):
            await asyncio.gather(*(client(port, number) for number in range(100)))

        with serving.Server() as server:
            asyncio.run(clients(server.port))
        self.assertEqual(server.errors, "")

    def test_megabytes_come_back_to_who_reads_late(self):
        with serving.Server() as server, socket.create_connection(("127.0.0.1", server.port)) as peer:
            sent = bytes(range(256)) * 4096 * 8
            peer.settimeout(60)
            # More than the buffers of both sides hold: while we do not read, the server must wait, and not lose anything.
            reader = asyncio.run(self.send_and_receive(peer, sent))
            self.assertEqual(reader, sent)

    @staticmethod
    async def send_and_receive(peer, sent):
        peer.setblocking(False)
        loop = asyncio.get_running_loop()
        sending = asyncio.create_task(loop.sock_sendall(peer, sent))
        await asyncio.sleep(0.2)
        received = bytearray()
        while len(received) < len(sent):
            received += await loop.sock_recv(peer, 65536)
        await sending
        return bytes(received)

    def test_a_client_that_resets_hurts_nobody(self):
        with serving.Server() as server:
            rude = socket.create_connection(("127.0.0.1", server.port))
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            rude.sendall(b"hello")
            rude.close()
            with socket.create_connection(("127.0.0.1", server.port)) as peer:
                peer.sendall(b"still there?")
                self.assertEqual(peer.recv(100), b"still there?")
        self.assertEqual(server.errors, "")

    @unittest.skipUnless(shutil.which("nc"), "nc is not installed")
    def test_nc(self):
        with serving.Server() as server:
            done = subprocess.run(["nc", "-N", "127.0.0.1", str(server.port)], input="hello\n", capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stdout, "hello\n")

    def test_a_port_that_is_taken_is_a_clear_error(self):
        with serving.Server() as server:
            done = subprocess.run([serving.program, "--port", str(server.port)], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, f"echo_server: listen on 127.0.0.1:{server.port}: Address already in use\n")


if __name__ == "__main__":
    serving.main()
