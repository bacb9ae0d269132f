"""The Python program that the library grew from, cut down to what takes part in the load.

use: python3 original.py PORT DATABASE [DELAY]

A thread for each datagram decodes it into a queue; one thread stores the queue's records one by one, each
in a transaction of its own, after a pause of DELAY seconds (the original: 0.1). What is still queued at
the end is stored by an atexit handler.
"""
import atexit
import json
import queue
import signal
import socketserver
import sqlite3
import sys
import threading
import time

PORT, DATABASE = int(sys.argv[1]), sys.argv[2]
DELAY = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0

records = queue.Queue()


def connect():
    return sqlite3.connect(DATABASE, timeout=20)


def store(connection, rows):
    connection.executemany(
        "INSERT INTO sensor_measurements (sensor_id, temperature, humidity, ingested_at) VALUES (?, ?, ?, ?)",
        [tuple(row.values()) for row in rows],
    )
    connection.commit()


def store_one_by_one():
    connection = connect()
    while True:
        if DELAY:
            time.sleep(DELAY)
        store(connection, [records.get()])


def store_rest():
    rest = []
    while not records.empty():
        rest.append(records.get())
    if rest:
        store(connect(), rest)


class Handler(socketserver.DatagramRequestHandler):
    def handle(self):
        records.put(json.loads(self.request[0]))


connect().execute(
    "CREATE TABLE IF NOT EXISTS sensor_measurements"
    " (sensor_id integer, temperature decimal, humidity decimal, ingested_at timestamp)"
)
atexit.register(store_rest)
# atexit does not run on SIGTERM: here it ends the program as Ctrl-C does.
signal.signal(signal.SIGTERM, signal.default_int_handler)
threading.Thread(target=store_one_by_one, daemon=True).start()
with socketserver.ThreadingUDPServer(("127.0.0.1", PORT), Handler) as server:
    print("listening on 127.0.0.1:%d" % PORT, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
