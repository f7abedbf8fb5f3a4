"""chat_server, with sockets as its guests."""

import socket
import unittest

import serving


class Guest:
    def __init__(self, port, name):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.lines = self.socket.makefile("r", newline="\n")
        self.question = self.lines.read(len("your name? "))
        self.say(name)

    def say(self, line):
        self.socket.sendall(f"{line}\n".encode())

    def hears(self):
        return self.lines.readline()

    def leave(self):
        self.lines.close()
        self.socket.close()


class ChatServer(unittest.TestCase):
    def test_everybody_hears_what_anybody_says(self):
        with serving.Server() as server:
            ann = Guest(server.port, "ann")
            self.assertEqual(ann.hears(), "* ann comes\n")
            bob = Guest(server.port, "bob")
            self.assertEqual([ann.hears(), bob.hears()], ["* bob comes\n"] * 2)
            ann.say("hello")
            self.assertEqual([ann.hears(), bob.hears()], ["ann: hello\n"] * 2)
            bob.leave()
            self.assertEqual(ann.hears(), "* bob leaves\n")
            ann.leave()
        self.assertEqual(server.errors, "")

    def test_who_does_not_read_is_put_out_and_the_others_go_on(self):
        with serving.Server() as server:
            deaf = Guest(server.port, "deaf")
            ann = Guest(server.port, "ann")
            heard = ann.hears()
            self.assertEqual(heard, "* ann comes\n")
            # His buffers in the kernel, and then his queue, fill.
            line = "x" * 60000
            for _ in range(2000):
                ann.say(line)
                heard = ann.hears()
                if heard == "* deaf leaves\n":
                    break
                self.assertEqual(heard, f"ann: {line}\n")
            self.assertEqual(heard, "* deaf leaves\n")
            ann.leave()
            deaf.leave()


if __name__ == "__main__":
    serving.main()
