#!/usr/bin/env python3
"""Files: how fast one of a gigabyte goes up and comes back, and how much memory that takes.

    bench/run archive                      builds the program as it ships, and measures it
    bench/archive.py PROGRAM [MEBIBYTES]   measures this program

Held against a plain copy of the same bytes through a loopback connection: a thread that writes to a file, and fsync, what
another one sends, and the way back. Wanted: half of its throughput, and at most 64 MiB more memory than before.
"""
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

PIECE = 1 << 20


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def memory(pid, what):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(what))


def receive(stream, file, size):
    buffer = memoryview(bytearray(PIECE))
    while size:
        read = stream.recv_into(buffer[: min(PIECE, size)])
        if not read:
            sys.exit("the bytes were cut off")
        size -= read
        if file:
            file.write(buffer[:read])


def plainly(source, size, folder):
    """Seconds of the copy there, and back."""
    listener = socket.create_server(("127.0.0.1", 0))
    target = os.path.join(folder, "plain")

    def peer():
        stream, _ = listener.accept()
        with stream, open(target, "wb", buffering=0) as file:
            receive(stream, file, size)
            os.fsync(file.fileno())
            stream.sendall(b"x")
            stream.recv(1)
            with open(target, "rb") as file:
                stream.sendfile(file)

    threading.Thread(target=peer, daemon=True).start()
    with socket.create_connection(listener.getsockname()) as stream, open(source, "rb") as file:
        begun = time.perf_counter()
        stream.sendfile(file)
        stream.recv(1)
        there = time.perf_counter() - begun
        begun = time.perf_counter()
        stream.sendall(b"x")
        receive(stream, None, size)
        return there, time.perf_counter() - begun


def served(port, key, source, size):
    """Seconds of the upload, and of the download."""
    base, headers = "/t/demo/api/v1/archive/files", {"authorization": f"Bearer {key}"}
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as stream, open(source, "rb") as file:
        head = f"POST {base}?name=large.bin HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-length: {size}\r\n"
        head += f"authorization: Bearer {key}\r\ncontent-type: application/octet-stream\r\nconnection: close\r\n\r\n"
        stream.sendall(head.encode())
        stream.sendfile(file)
        answer = http.client.HTTPResponse(stream)
        answer.begin()
        body = answer.read()
    there = time.perf_counter() - begun
    if answer.status != 201:
        sys.exit(f"the upload was answered with {answer.status}: {body[:500]}")
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"{base}/{json.loads(body)['data']['_id']}/content", headers=headers)
    answer = connection.getresponse()
    buffer, got = memoryview(bytearray(PIECE)), 0
    while read := answer.readinto(buffer):
        got += read
    if got != size:
        sys.exit(f"{got} of {size} bytes came back")
    return there, time.perf_counter() - begun


def main():
    program, mebibytes = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1024
    size = mebibytes << 20
    with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(program))) as folder:
        source = os.path.join(folder, "source")
        with open(source, "wb") as file:
            for _ in range(mebibytes):
                file.write(os.urandom(PIECE))
            os.fsync(file.fileno())
        plain = plainly(source, size, folder)
        port, place = free_port(), ["--data-dir", os.path.join(folder, "data")]
        environment = {**os.environ, "CHANCERY_ARCHIVE__MAX_BYTES": str(size)}
        url = f"http://localhost:{port}"
        serve = [program, "serve", "--dev", "--listen", f"127.0.0.1:{port}", "--public-url", url, *place]
        server = subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.05)
            create = [program, "key", "create", "--tenant", "demo", "--name", "bench", "--json", *place]
            create += ["--scope", "archive:read", "--scope", "archive:write"]
            made = json.loads(subprocess.run(create, check=True, capture_output=True).stdout)
            key = made["api_key"]
            before = memory(server.pid, "VmRSS")
            took = served(port, key, source, size)
            more = memory(server.pid, "VmHWM") - before
        finally:
            server.terminate()
            server.wait()
    missed = more > 64
    for what, ours, theirs in zip(("up", "down"), took, plain):
        share = 100 * theirs / ours
        missed = missed or share < 50
        print(f"{what}: {mebibytes / ours:.0f} MiB/s; a plain copy {mebibytes / theirs:.0f} MiB/s: {share:.0f} % (wanted: 50 %)")
    print(f"memory: {more:.0f} MiB more than before, at most (wanted: 64 MiB)")
    sys.exit(missed)


main()
